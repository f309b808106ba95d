/** Something with a key that several use at a time. */
export interface Shared<Value> {
  /** Opens it for the first; it closes after the last has released it. */
  use(key: string): { readonly value: Value; readonly release: () => void };
  /** Closes all, and returns once everything is closed. */
  close(): Promise<void>;
}

interface Entry<Value> {
  readonly value: Value;
  users: number;
}

/**
 * Shares what `open` makes by key. `before` settles once the one before it of that key has closed: two at a time would
 * get in each other's way (BlueZ ends a notification for all that one process started it for).
 */
export function createShared<Value extends { close(): Promise<void> }>(
  open: (key: string, before: Promise<void>) => Value,
): Shared<Value> {
  const entries = new Map<string, Entry<Value>>();
  const closings = new Map<string, Promise<void>>();

  function end(key: string, { value }: Entry<Value>): void {
    entries.delete(key);
    const closing = value.close().finally(() => {
      if (closings.get(key) === closing) closings.delete(key);
    });
    closings.set(key, closing);
  }

  return {
    use: (key) => {
      const entry = entries.get(key) ?? { value: open(key, closings.get(key) ?? Promise.resolve()), users: 0 };
      entries.set(key, entry);
      entry.users += 1;
      let isReleased = false;
      const release = () => {
        if (isReleased) return;
        isReleased = true;
        entry.users -= 1;
        if (entry.users === 0 && entries.get(key) === entry) end(key, entry);
      };
      return { value: entry.value, release };
    },
    close: async () => {
      for (const [key, entry] of [...entries]) end(key, entry);
      await Promise.all(closings.values());
    },
  };
}
