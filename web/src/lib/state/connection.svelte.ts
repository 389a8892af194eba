/** Whether the browser has a network. What the server answers is told by each sync. */
import { createContext } from 'svelte';

export class Connection {
  online = $state(navigator.onLine);

  /** Follows the browser until the returned function is called. */
  start(): () => void {
    const update = () => (this.online = navigator.onLine);
    addEventListener('online', update);
    addEventListener('offline', update);
    return () => {
      removeEventListener('online', update);
      removeEventListener('offline', update);
    };
  }
}

export const [useConnection, provideConnection] = createContext<Connection>();
