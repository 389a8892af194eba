/**
 * Everybody who signs says which statements he had seen (`heads`). Compared with what this device was shown, in everything that it opens,
 * that tells a server that keeps two directories from one that keeps one.
 */
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { JsonObject } from '../../base/strict-json.ts';
import { compareHeads } from '../../sealed/directory/freshness.ts';
import type { HeadsVerdict } from '../../sealed/directory/freshness.ts';
import { chainOf } from '../../sealed/directory/model.ts';
import type { Heads } from '../../sealed/envelope/heads.ts';
import type { ClientError } from './api/client-error.ts';
import type { Session } from './session.ts';

/**
 * Compares what a signer had seen with the directory here, and fetches it first if he had seen more. `carrier` goes into the evidence:
 * what carried the heads.
 *
 * @returns `forged` with the evidence held: `split-view` where he was shown another statement, `withheld` where this device is not shown
 *   what he was.
 */
export async function checkHeads(
  session: Session,
  heads: Heads,
  carrier: JsonObject,
): Promise<Result<void, ClientError>> {
  let view = compareHeads(session.directory.current, heads);
  if (view.kind === 'ahead') {
    const refreshed = await session.directory.refresh();
    if (!refreshed.ok) return refreshed;
    view = compareHeads(session.directory.current, heads);
  }
  switch (view.kind) {
    case 'known':
      return ok(undefined);
    case 'split':
      return err(heldSplitView(session, view, carrier));
    case 'ahead': {
      const seen = view.chains.map((chain) => ({ chain, seen: [...(heads[chain] ?? [])] }));
      session.alarms.hold({ ...carrier, ahead: seen, position: session.directory.position });
      return err({ kind: 'forged', what: 'directory', code: 'withheld' });
    }
  }
}

/** Keeps what proves that somebody was shown another directory: what carried the heads, both heads, and the statement held here. */
function heldSplitView(
  session: Session,
  view: Extract<HeadsVerdict, { readonly kind: 'split' }>,
  carrier: JsonObject,
): ClientError {
  const { chain, seen, held } = view;
  const link = chainOf(session.directory.current, chain)?.links[held[0] - 1];
  session.alarms.hold({
    ...carrier,
    chain,
    seen: [seen[0], seen[1]],
    held: [held[0], held[1]],
    statement: link?.statement.compact ?? null,
  });
  return { kind: 'forged', what: 'directory', code: 'split-view' };
}
