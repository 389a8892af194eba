import { describe, expect, it } from 'vitest';
import { authoritiesOf, originsOrLocal, readConfig } from './config.ts';

describe('the settings', () => {
  it('without any are those of a first look on this machine', () => {
    const config = readConfig({}, '/srv/sealpost/server');
    expect(config).toMatchObject({
      ok: true,
      value: { port: 8787, host: '127.0.0.1', webRoot: '/srv/sealpost/web/build', publicOrigins: [], setupToken: null },
    });
    expect(originsOrLocal([], 8787)).toEqual(['http://localhost:8787', 'http://127.0.0.1:8787']);
  });

  it('name the authorities that requests are signed for, without the default port', () => {
    const config = readConfig({ PUBLIC_ORIGINS: 'https://sealpost.example, https://sealpost.example:8443/' }, '/');
    const origins = config.ok ? config.value.publicOrigins : [];
    expect(authoritiesOf(origins, 8787)).toEqual(['sealpost.example', 'sealpost.example:8443']);
  });

  it('that cannot be meant are refused by name', () => {
    const wrong: [string, string][] = [
      ['PORT', '70000'],
      ['PORT', '-1'],
      ['PUBLIC_ORIGINS', 'https://sealpost.example/app'],
      ['PUBLIC_ORIGINS', 'ftp://sealpost.example'],
      ['SETUP_TOKEN', 'short'],
    ];
    for (const [name, value] of wrong)
      expect(readConfig({ [name]: value }, '/')).toMatchObject({ ok: false, error: { name } });
  });
});
