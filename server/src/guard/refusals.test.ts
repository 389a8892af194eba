import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { tellRefusals } from './refusals.ts';

describe('refused requests', () => {
  it('are counted by kind and told at once, then once a minute, without a word of what was asked', async () => {
    const lines: string[] = [];
    let nowMs = Date.UTC(2026, 0, 5);
    const app = new Hono();
    app.use(
      tellRefusals(
        (line) => lines.push(line),
        () => nowMs,
      ),
    );
    app.get('/:status/*', (c) => new Response(null, { status: Number(c.req.param('status')) }));
    const ask = async (...statuses: number[]): Promise<void> => {
      for (const status of statuses) await app.request(`/${status}/canary?token=canary`);
    };
    await ask(200, 404, 400);
    expect(lines).toEqual([]);
    await ask(401, 401, 403, 429, 401, 500);
    expect(lines).toEqual(['2026-01-05T00:00:00.000Z refused: 401 x 1']);
    nowMs += 60_000;
    await ask(403, 401);
    expect(lines.slice(1)).toEqual(['2026-01-05T00:01:00.000Z refused: 401 x 2, 403 x 2, 429 x 1']);
    nowMs -= 3_600_000;
    await ask(429);
    expect(lines.slice(2)).toEqual(['2026-01-04T23:01:00.000Z refused: 401 x 1, 429 x 1']);
  });
});
