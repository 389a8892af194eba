import { describe, expect, it } from 'vitest';
import type { AuditEvent } from './payload.ts';
import { canonicalJsonBytes } from '../../base/canonical-json.ts';
import { generateAgeSecret, importAgeIdentity, sealAge } from '../crypto/age.ts';
import {
  AuditEventSchema,
  DEVICE_EVENT_KINDS,
  openAuditPayload,
  sealAuditPayload,
  SERVER_EVENT_KINDS,
} from './payload.ts';

const ID = 'AAECAwQFBgcICQoLDA0ODw';
const AT = 1_767_582_000;
const LARGE = Number.MAX_SAFE_INTEGER;

describe('audit payloads', () => {
  it('of every kind seal to 512 bytes with one recipient and with two, and open to the same event', async () => {
    const one = await generateAgeSecret();
    const two = await generateAgeSecret();
    const identity = await importAgeIdentity(two.secret);
    for (const schema of AuditEventSchema.options) {
      const event = largest(schema) as AuditEvent;
      expect(await sealAuditPayload(event, [two.recipient])).toHaveLength(512);
      const sealed = await sealAuditPayload(event, [one.recipient, two.recipient]);
      expect(sealed).toHaveLength(512);
      expect(await openAuditPayload(sealed, [identity])).toEqual({ ok: true, value: event });
    }
  });

  it('knows exactly the kinds of FORMATS', () => {
    expect(DEVICE_EVENT_KINDS.join(' ')).toBe(
      'lock unlock unlock_failed bundle_opened secret_revealed export print triage outcome_sent published withdrawn ' +
        'request_approved request_declined notice_accepted notice_made ingest_override key_created key_rotated member_change ' +
        'policy_change wipe app_update clock_jump storage_healed heartbeat',
    );
    expect(SERVER_EVENT_KINDS.join(' ')).toBe(
      'envelope_accepted envelope_delivered directory_change retention_delete admin_action restore late start app_served stop',
    );
  });

  it('has no place for text: unknown fields, words and long ids are refused', async () => {
    const { recipient } = await generateAgeSecret();
    const bad: unknown[] = [
      { v: 1, kind: 'unlock', at: AT, note: 'text' },
      { v: 1, kind: 'made_up', at: AT },
      { v: 1, kind: 'secret_revealed', at: AT, finding: ID, reason: 'because somchai asked' },
      { v: 1, kind: 'bundle_opened', at: AT, bundle: 'person@agency.example', findings: 1 },
      { v: 1, kind: 'unlock', at: AT * 1000 },
      { v: 1, kind: 'unlock_failed', at: AT, count: 0.5 },
    ];
    for (const event of bad) await expect(sealAuditPayload(event as AuditEvent, [recipient])).rejects.toThrow();
    await expect(sealAuditPayload({ v: 1, kind: 'unlock', at: AT }, [])).rejects.toThrow(RangeError);
  });

  it('opened by the wrong key, cut, or with rubbish in the padding is an error value', async () => {
    const mine = await generateAgeSecret();
    const identity = await importAgeIdentity(mine.secret);
    const other = await importAgeIdentity((await generateAgeSecret()).secret);
    const event: AuditEvent = { v: 1, kind: 'unlock', at: AT };
    const sealed = await sealAuditPayload(event, [mine.recipient]);
    expect(await openAuditPayload(sealed, [other])).toEqual({ ok: false, error: { kind: 'not-for-us' } });
    expect(await openAuditPayload(sealed.subarray(0, 511), [identity])).toEqual({
      ok: false,
      error: { kind: 'damaged' },
    });
    const flipped = new Uint8Array(sealed);
    flipped[400] = (flipped[400] as number) ^ 1;
    expect((await openAuditPayload(flipped, [identity])).ok).toBe(false);
    const plain = new Uint8Array(312).fill(1);
    plain.set(canonicalJsonBytes(event));
    plain[canonicalJsonBytes(event).length] = 0;
    const hidden = await sealAge(plain, [mine.recipient]);
    expect(await openAuditPayload(hidden, [identity])).toEqual({ ok: false, error: { kind: 'malformed' } });
  });
});

/** An event of this schema with the longest value in each field. */
interface Field {
  readonly type: string;
  readonly options?: readonly string[];
}

function largest(schema: (typeof AuditEventSchema.options)[number]): Record<string, unknown> {
  const event: Record<string, unknown> = {};
  for (const [name, given] of Object.entries(schema.entries) as [string, Field & { wrapped?: Field }][]) {
    const field = given.wrapped ?? given; // what is optional is there
    if (name === 'v') event[name] = 1;
    else if (name === 'kind') event[name] = schema.entries.kind.literal;
    else if (name === 'at') event[name] = AT;
    else if (field.options !== undefined) event[name] = [...field.options].sort((a, b) => b.length - a.length)[0];
    else if (field.type === 'string') event[name] = ID;
    else event[name] = name === 'seconds' ? -4_000_000_000 : LARGE;
  }
  return event;
}
