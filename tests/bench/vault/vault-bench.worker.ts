/**
 * Rim of the measured worker: a shared worker with a way to disk and network through its pages, as the app's vault worker is, or a
 * dedicated one with files of its own.
 */
import { OpfsFiles } from '../../../web/src/workers/store/opfs-files.ts';
import { DiskPorts } from '../../../web/src/workers/vault/disk-ports.ts';
import { NetworkPorts } from '../../../web/src/workers/vault/network-ports.ts';
import { holdWorkerLock, tabSignal } from '../../../web/src/workers/vault/tab-locks.ts';
import { UnpackPorts } from '../../../web/src/workers/vault/unpack-ports.ts';
import type { BenchCalls, BenchHello, BenchOffer, BenchRequest, BenchResponse } from './bench-calls.ts';
import { serveCalls } from './serve-calls.ts';

const network = new NetworkPorts();
const unpackers = new UnpackPorts();
const shared = 'onconnect' in self ? new DiskPorts() : null;
const calls: BenchCalls = serveCalls({
  databaseName: self.name,
  disk: shared ?? OpfsFiles.here(self.name),
  network,
  readBundle: unpackers.readBundle,
  origin: location.origin,
});

/** One page: its way to disk and network first, then its calls, answered as they are done. */
function serve(port: Pick<MessagePort, 'postMessage' | 'onmessage'>): void {
  let gone = new AbortController().signal;
  let unpacker: number | null = null;
  port.onmessage = async ({ data }: MessageEvent<BenchHello | BenchOffer | BenchRequest>) => {
    if ('unpacker' in data) {
      if (unpacker !== null) unpackers.detach(unpacker);
      unpacker = data.unpacker && unpackers.attach(data.unpacker, gone);
      return;
    }
    if ('disk' in data) {
      gone = tabSignal(data.lock);
      shared?.attach(data.disk, gone);
      network.attach(data.network, gone);
      return;
    }
    const { call, name, argument } = data;
    let response: BenchResponse;
    try {
      response = { call, value: await (calls[name] as (argument: unknown) => Promise<unknown>)(argument) };
    } catch (error) {
      response = { call, error: error instanceof Error ? error.message : String(error) };
    }
    port.postMessage(response);
  };
}

if ('onconnect' in self) {
  const alive = holdWorkerLock(self.name);
  self.onconnect = async ({ ports: [port] }: MessageEvent) => {
    if (!port) return;
    await alive;
    serve(port);
    port.postMessage('ready');
  };
} else serve(self as unknown as MessagePort);
