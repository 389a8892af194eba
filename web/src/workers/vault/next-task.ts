/** Lets what waits for this worker come first: calls of the pages, answers of other workers. */

const { port1, port2 } = new MessageChannel();
const waiting: (() => void)[] = [];
port1.onmessage = () => waiting.shift()?.();

/** Settles in a task of its own, behind every message that is there already. A timer would wait 4 ms once it is nested. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    port2.postMessage(null);
  });
}
