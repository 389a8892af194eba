/** Blocks as read, the most recently used ones: details are opened one after the other, exports go through a few at a time. */
import type { Result } from '../../base/result.ts';

export class RecentBlocks<T> {
  readonly #most: number;
  /** In the order of use, the latest last. */
  readonly #blocks = new Map<string, Promise<Result<T, unknown>>>();

  constructor(most: number) {
    this.#most = most;
  }

  /** The block, read if it is not at hand. A failure is not kept. */
  async get<E>(id: string, read: () => Promise<Result<T, E>>): Promise<Result<T, E>> {
    const known = this.#blocks.get(id) as Promise<Result<T, E>> | undefined;
    this.#blocks.delete(id);
    const block = known ?? read();
    this.#blocks.set(id, block);
    for (const oldest of this.#blocks.keys()) {
      if (this.#blocks.size <= this.#most) break;
      this.#blocks.delete(oldest);
    }
    const answer = await block.catch((error: unknown) => {
      this.#blocks.delete(id);
      throw error;
    });
    if (!answer.ok) this.#blocks.delete(id);
    return answer;
  }

  clear(): void {
    this.#blocks.clear();
  }
}
