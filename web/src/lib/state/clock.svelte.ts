/** One clock for the page, so that all relative times move together. */
import { createContext } from 'svelte';

export class Clock {
  nowMs = $state(Date.now());

  /** Ticks until the returned function is called. */
  start(): () => void {
    const timer = setInterval(() => (this.nowMs = Date.now()), 30_000);
    return () => clearInterval(timer);
  }
}

export const [useClock, provideClock] = createContext<Clock>();
