import { describe, expect, it } from 'vitest';
import { encodeNoteKey } from '@sealpost/shared/sealed/audit/note';
import { authoritiesOf, originsOrLocal, readConfig } from './config.ts';

const WITNESS = encodeNoteKey({ name: 'w.example/1', type: 'witness', publicKey: new Uint8Array(32).fill(7) });

describe('the settings', () => {
  it('without any are those of a first look on this machine', () => {
    const config = readConfig({}, '/srv/sealpost/server');
    expect(config).toMatchObject({
      ok: true,
      value: {
        port: 8787,
        host: '127.0.0.1',
        webRoot: '/srv/sealpost/web/build',
        publicOrigins: [],
        appOrigins: [],
        apiOrigin: null,
      },
    });
    expect(originsOrLocal([], 8787)).toEqual(['http://localhost:8787', 'http://127.0.0.1:8787']);
  });

  it('name the authorities that requests are signed for, without the default port', () => {
    const config = readConfig({ PUBLIC_ORIGINS: 'https://sealpost.example, https://sealpost.example:8443/' }, '/');
    const origins = config.ok ? config.value.publicOrigins : [];
    expect(authoritiesOf(origins, 8787)).toEqual(['sealpost.example', 'sealpost.example:8443']);
  });

  it('name the witnesses that are asked to cosign', () => {
    const config = readConfig({ WITNESSES: `${WITNESS} https://witness.example/one` }, '/');
    const [witness] = config.ok ? config.value.witnesses : [];
    expect(witness).toMatchObject({
      url: 'https://witness.example/one',
      key: { name: 'w.example/1', type: 'witness' },
    });
  });

  it('that cannot be meant are refused by name', () => {
    const wrong: [string, string][] = [
      ['PORT', '70000'],
      ['PORT', '-1'],
      ['PUBLIC_ORIGINS', 'https://sealpost.example/app'],
      ['PUBLIC_ORIGINS', 'ftp://sealpost.example'],
      ['APP_ORIGINS', '*'],
      ['APP_ORIGINS', 'https://*.example'],
      ['API_ORIGIN', 'https://one.example https://two.example'],
      ['SETUP_TOKEN', 'short'],
      ['DATABASE_URL', 'mysql://localhost/sealpost'],
      ['DATABASE_URL', 'postgresql://localhost'],
      ['S3_ENDPOINT', 'https://s3.example.org/bucket'],
      ['WITNESSES', 'https://witness.example'],
      ['WITNESSES', `${WITNESS} ftp://witness.example`],
      ['WITNESSES', `${WITNESS} https://witness.example, ${WITNESS} https://other.example`],
      // a log's key is no witness's
      ['WITNESSES', 'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx https://w.example'],
    ];
    const wrongS3 = { S3_ENDPOINT: 'https://s3.example.org', S3_BUCKET: 'sealed', S3_ACCESS_KEY_ID: 'made-up' };
    expect(readConfig(wrongS3, '/')).toMatchObject({ ok: false, error: { name: 'S3_SECRET_ACCESS_KEY' } });
    for (const [name, value] of wrong)
      expect(readConfig({ [name]: value }, '/')).toMatchObject({ ok: false, error: { name } });
  });
});
