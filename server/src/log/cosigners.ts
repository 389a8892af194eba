/**
 * Asks the configured witnesses to cosign (C2SP tlog-witness) and keeps, for each log, the newest checkpoint that they did. All of it
 * can be asked for again, so nothing of it is stored here: those who verify it keep what they have seen.
 */
import type { Bytes } from '@sealpost/shared/base/bytes';
import { fromUtf8 } from '@sealpost/shared/base/bytes';
import { parseCheckpointText } from '@sealpost/shared/sealed/audit/checkpoint';
import { encodeNote, parseNote, parseNoteKey, verifyNote, withSignature } from '@sealpost/shared/sealed/audit/note';
import type { Note, NoteKey, NoteSignature } from '@sealpost/shared/sealed/audit/note';
import { encodeWitnessRequest, parseCosignatures, parseSize } from '@sealpost/shared/sealed/audit/witness-request';
import type { LogTrees, LogView } from './trees.ts';

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/** A witness that the server's operator configured. */
export interface WitnessAddress {
  readonly key: NoteKey;
  /** Submission prefix. */
  readonly url: string;
}

/** A checkpoint with cosignatures. */
export interface CosignedHead {
  readonly origin: string;
  readonly size: number;
  /** The note with the log's signature and those of witnesses. */
  readonly note: Bytes;
  readonly cosignatures: number;
}

interface Parts {
  readonly witnesses: readonly WitnessAddress[];
  readonly trees: LogTrees;
  readonly deployments: () => Promise<readonly string[]>;
  readonly report: (line: string) => void;
}

export class Cosigners {
  readonly #parts: Parts;
  readonly #heads = new Map<string, CosignedHead>();
  /** Sizes at which witnesses stand, by origin and witness. */
  readonly #sizes = new Map<string, number>();
  /** What was last reported of a witness and log: once is enough. */
  readonly #told = new Map<string, string>();
  readonly #stopping = new AbortController();
  #running: Promise<void> | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The newest checkpoint of a log that was cosigned under `origin`; `null` if there is none. */
  cosigned(deployment: string, origin: string): CosignedHead | null {
    const head = this.#heads.get(deployment) ?? null;
    return head?.origin === origin ? head : null;
  }

  /** Asks every witness once for every log that grew; a round that is under way is waited for. Never throws. */
  round(): Promise<void> {
    this.#running ??= this.#round()
      .catch((error: unknown) => this.#parts.report(`witnesses could not be asked: ${String(error)}`))
      .finally(() => (this.#running = null));
    return this.#running;
  }

  /** Breaks off what is under way; resolves when nothing is. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #round(): Promise<void> {
    if (this.#parts.witnesses.length === 0) return;
    const deployments = await this.#parts.deployments();
    for (const gone of [...this.#heads.keys()].filter((id) => !deployments.includes(id))) this.#heads.delete(gone);
    for (const deployment of deployments) {
      if (!this.#stopping.signal.aborted) await this.#cosign(deployment);
    }
  }

  async #cosign(deployment: string): Promise<void> {
    const view = await this.#parts.trees.view(deployment);
    const note = view === null ? null : parseNote(view.head.checkpoint);
    if (view === null || note?.ok !== true) return;
    const origin = parseCheckpointText(note.value.text)?.origin ?? '';
    const size = view.head.frontier.size;
    const before = this.cosigned(deployment, origin);
    if (before?.size === size && before.cosignatures === this.#parts.witnesses.length) return;
    const signatures = await Promise.all(
      this.#parts.witnesses.map((witness) => this.#ask(witness, origin, view, note.value)),
    );
    const good = signatures.filter((signature) => signature !== null);
    // one that fewer witnesses saw does not take the place of one that more did
    if (good.length === 0 || good.length < (before?.cosignatures ?? 0)) return;
    const cosigned = good.reduce<Note>(withSignature, note.value);
    this.#heads.set(deployment, { origin, size, note: encodeNote(cosigned), cosignatures: good.length });
  }

  /** One witness's signature over the view's checkpoint; `null` if it gave none. */
  async #ask(witness: WitnessAddress, origin: string, view: LogView, note: Note): Promise<NoteSignature | null> {
    const id = `${witness.key.name} ${origin}`;
    const size = view.head.frontier.size;
    try {
      let answer = await this.#submit(witness, view, this.#sizes.get(id) ?? 0);
      if (answer.status === 409) {
        const stands = parseSize(answer.text);
        if (stands !== null && stands > size) {
          this.#tell(id, `${witness.key.name} cosigned ${stands} entries of a log that has ${size}: restored or split`);
          return null;
        }
        if (stands !== null) answer = await this.#submit(witness, view, stands);
      }
      if (answer.status !== 200) {
        this.#tell(id, `${witness.key.name} did not cosign: status ${answer.status}`);
        return null;
      }
      const signature = await pickGood(note, parseCosignatures(answer.text) ?? [], witness.key);
      if (signature === null) {
        this.#tell(id, `${witness.key.name} answered with no signature of its key`);
        return null;
      }
      this.#sizes.set(id, size);
      this.#told.delete(id);
      return signature;
    } catch {
      this.#tell(id, `${witness.key.name} cannot be reached`);
      return null;
    }
  }

  async #submit({ url }: WitnessAddress, view: LogView, old: number) {
    const proof = old === 0 ? [] : await view.consistency(old);
    const body = encodeWitnessRequest({ old, proof: proof ?? [], checkpoint: view.head.checkpoint });
    const response = await fetch(`${url.replace(/\/$/, '')}/add-checkpoint`, {
      method: 'POST',
      body,
      redirect: 'error',
      signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), this.#stopping.signal]),
    });
    return { status: response.status, text: await readText(response) };
  }

  #tell(id: string, line: string): void {
    if (this.#told.get(id) === line || this.#stopping.signal.aborted) return;
    this.#told.set(id, line);
    this.#parts.report(`witness ${line}`);
  }
}

/** The first line of `key` that holds over the note. */
async function pickGood(note: Note, lines: readonly NoteSignature[], key: NoteKey): Promise<NoteSignature | null> {
  for (const line of lines) {
    const good = await verifyNote({ text: note.text, signatures: [line] }, [key]);
    if (good?.length === 1) return line;
  }
  return null;
}

/** At most `MAX_ANSWER_BYTES` of the answer as text. */
async function readText(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > MAX_ANSWER_BYTES) throw new RangeError('an answer that is too long');
    parts.push(part);
  }
  return fromUtf8(new Uint8Array(Buffer.concat(parts))) ?? '';
}

/**
 * `KEY URL` pairs, separated by commas: the key as `name+hash+key`, then the prefix before `/add-checkpoint`. `null` if one is none,
 * or a name comes twice.
 */
export function parseWitnesses(text: string): readonly WitnessAddress[] | null {
  const found: WitnessAddress[] = [];
  for (const pair of text.split(',').map((one) => one.trim())) {
    if (pair === '') continue;
    const [keyText = '', urlText = '', ...more] = pair.split(/\s+/);
    const key = parseNoteKey(keyText);
    const url = URL.parse(urlText);
    if (more.length > 0 || key?.type !== 'witness' || url === null || !/^https?:$/.test(url.protocol)) return null;
    if (found.some((one) => one.key.name === key.name)) return null;
    found.push({ key, url: url.href });
  }
  return found;
}
