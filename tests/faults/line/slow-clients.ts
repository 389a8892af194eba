/** Clients that are slow, half there, or gone in the midst of things: what a bad line looks like to a server. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Bytes } from '@sealpost/shared/base/bytes';
import type { SigningKey } from '@sealpost/shared/sealed/crypto/ed25519';
import { rawRequest } from '../../integration/raw-request.ts';
import type { Scene } from '../../integration/scene.ts';
import { fileOf } from './list-file.ts';

/**
 * - `silent`: connects and says nothing.
 * - `slow-head`: a byte of the head now and then. `slow-body`: the same with the body of a signed upload.
 * - `half-open`: the head of a signed upload, then nothing more, as from a machine without power.
 * - `no-reader`: asks for a file and reads nothing of it.
 * - `cut`: goes away in the midst of a body.
 */
export const SLOW_KINDS = ['silent', 'slow-head', 'slow-body', 'half-open', 'no-reader', 'cut'] as const;
export type SlowKind = (typeof SLOW_KINDS)[number];

const DRIP_MS = 50;
const BODY_BYTES = 300_000;

/** One such client. `isOpen` until the server ended the connection, or it did so itself. */
export class SlowClient {
  readonly kind: SlowKind;
  isOpen = true;
  readonly #socket: Socket;
  #dripping: NodeJS.Timeout | undefined;

  private constructor(kind: SlowKind, socket: Socket) {
    this.kind = kind;
    this.#socket = socket;
    socket.on('error', () => undefined); // a reset is how the server ends some
    socket.on('close', () => this.stop());
  }

  /** Connects to the server of `scene`. `sha256`: a large file that `device` may fetch. */
  static async open(kind: SlowKind, scene: Scene, device: SigningKey, sha256: string): Promise<SlowClient> {
    const request = kind === 'no-reader' ? await fetchOf(scene, device, sha256) : await uploadOf(scene);
    const socket = connect(Number(new URL(scene.origin).port), '127.0.0.1');
    const client = new SlowClient(kind, socket);
    const headBytes = Buffer.from(request).indexOf('\r\n\r\n') + 4;
    switch (kind) {
      case 'silent':
        break;
      case 'slow-head':
        client.#drip(request);
        break;
      case 'slow-body':
        socket.write(request.subarray(0, headBytes));
        client.#drip(request.subarray(headBytes));
        break;
      case 'half-open':
        socket.write(request.subarray(0, headBytes));
        break;
      case 'no-reader':
        socket.pause();
        socket.write(request);
        break;
      case 'cut':
        socket.write(request.subarray(0, headBytes + BODY_BYTES / 2), () => socket.destroy());
        break;
    }
    if (kind !== 'no-reader') socket.resume();
    return client;
  }

  /** Sees what came meanwhile: a socket that is not read does not notice its end. */
  look(): void {
    this.#socket.resume();
  }

  stop(): void {
    this.isOpen = false;
    clearInterval(this.#dripping);
    this.#socket.destroy();
  }

  #drip(bytes: Bytes): void {
    let at = 0;
    this.#dripping = setInterval(() => this.#socket.write(bytes.subarray(at, (at += 1))), DRIP_MS);
  }
}

function uploadOf(scene: Scene): Promise<Bytes> {
  const { bytes, sha256 } = fileOf(BODY_BYTES);
  const path = scene.at.blobPart(sha256, 0, bytes.length);
  return rawRequest(scene.origin, scene.operator, { method: 'PUT', path, body: bytes });
}

function fetchOf(scene: Scene, device: SigningKey, sha256: string): Promise<Bytes> {
  return rawRequest(scene.origin, device, { method: 'GET', path: scene.at.blob(sha256) });
}
