import { describe, expect, it } from 'vitest';
import golden from '../../../vectors/v1/wire-invitations.json' with { type: 'json' };
import type { Invitation } from './invitation.ts';
import { toBase64url } from '../../base/base64url.ts';
import { utf8 } from '../../base/bytes.ts';
import { hash, NOW_MS } from '../directory/deployment.fixture.ts';
import { parseSid } from '../envelope/statement.ts';
import { formatInvitation, parseInvitation } from './invitation.ts';

const APP = 'https://app.example';

function invitation(origin: string | null): Invitation {
  const deployment = parseSid(hash('deployment'));
  if (deployment === null) throw new Error('sid');
  return { deployment, token: Uint8Array.from({ length: 16 }, (_, i) => i), expiresAtMs: NOW_MS, origin };
}

describe('invitations', () => {
  it('are read from the link, the fragment, or its text', () => {
    for (const origin of [null, 'https://api.example:8443', 'http://localhost:8787']) {
      const made = invitation(origin);
      const link = formatInvitation(made, APP);
      const fragment = link.slice(link.indexOf('#'));
      for (const text of [link, ` ${link}\n`, fragment, fragment.slice(1), fragment.slice(3)])
        expect(parseInvitation(text)).toEqual({ ok: true, value: made });
    }
  });

  it('leave the origin out where it is the app’s own', () => {
    expect(formatInvitation(invitation(APP), APP)).toBe(formatInvitation(invitation(null), APP));
  });

  it('that are cut, extended, or name no origin are malformed; a newer version says so', () => {
    const text = formatInvitation(invitation(null), APP);
    const origin = (value: string) => `${text}.${toBase64url(utf8(value))}`;
    const bad = [
      '',
      'https://app.example/join',
      text.slice(0, -1),
      `${text}0`,
      `${text}.`,
      origin('javascript:alert(1)'),
      origin('https://api.example/path'),
      origin('https://user@api.example'),
      origin('HTTPS://API.example'),
      `${origin('https://api.example')}.more`,
      text.replace('i=1.', 'i=1.x'),
      'x'.repeat(5000),
    ];
    for (const value of bad)
      expect([value, parseInvitation(value)]).toEqual([value, { ok: false, error: { kind: 'malformed' } }]);
    expect(parseInvitation(text.replace('i=1.', 'i=2.'))).toEqual({ ok: false, error: { kind: 'unsupported' } });
  });

  it('of version 1 are still read', () => {
    expect(parseInvitation(golden.own)).toMatchObject({ ok: true, value: { origin: null } });
    expect(parseInvitation(golden.other)).toMatchObject({ ok: true, value: { origin: 'https://api.example:8443' } });
  });
});
