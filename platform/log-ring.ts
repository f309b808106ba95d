import { z } from 'zod';

/** One line of a daemon's log: pino's fields, of which these have a fixed form; `time` in Unix milliseconds. */
const entrySchema = z.looseObject({
  time: z.number(),
  level: z.number(),
  msg: z.string().default(''),
  /** What it is about, as `tenant/name`. */
  resource: z.string().optional(),
  /** `script` or `rules` where a resource's own logic said it. */
  source: z.string().optional(),
});

/** A log entry, and its place in the order of all that the daemon logged since it began. */
export type LogEntry = Readonly<z.infer<typeof entrySchema>> & { readonly seq: number };

/** The newest entries of a daemon's log, in memory. */
export interface LogRing {
  /** Takes a line of the log; one that is no JSON, or too long, is cut to what can be kept. */
  write(line: string): void;
  /** Entries after `seq` (0: all that there are), oldest first, and how many more were dropped since. */
  after(seq: number): { readonly entries: readonly LogEntry[]; readonly dropped: number; readonly last: number };
  /** Resolves as soon as there is an entry after `seq`, or when `signal` aborts. */
  next(seq: number, signal: AbortSignal): Promise<void>;
}

/** How much is kept; defaults: 5,000 entries, 2 MiB, 8 KiB an entry. */
export interface LogRingLimits {
  readonly maxEntries?: number;
  readonly maxBytes?: number;
  readonly maxEntryBytes?: number;
}

interface Kept {
  readonly entry: LogEntry;
  readonly bytes: number;
}

const ERROR_LEVEL = 50;
const MAX_CUT_CHARACTERS = 1024;

/**
 * Keeps the newest log entries within bounds. Whoever has an entry written (a script, a caller who is refused) could
 * push out all others: what goes first is therefore the oldest entry of whoever holds the most.
 */
export function createLogRing({
  maxEntries = 5000,
  maxBytes = 2_097_152,
  maxEntryBytes = 8192,
}: LogRingLimits = {}): LogRing {
  const shares = new Map<string, { kept: Kept[]; bytes: number }>();
  const waiting = new Set<() => void>();
  let seq = 0;
  let count = 0;
  let bytes = 0;

  function add(entry: LogEntry, size: number): void {
    const owner = ownerOf(entry);
    const share = shares.get(owner) ?? { kept: [], bytes: 0 };
    shares.set(owner, share);
    share.kept.push({ entry, bytes: size });
    share.bytes += size;
    bytes += size;
    count += 1;
    while (count > maxEntries || bytes > maxBytes) dropOne();
  }

  function dropOne(): void {
    const [owner, largest] = [...shares].reduce((a, b) => (b[1].bytes > a[1].bytes ? b : a));
    // Some at once, or every line of a busy script would shift a long list.
    for (const { bytes: size } of largest.kept.splice(0, Math.ceil(largest.kept.length / 16))) {
      largest.bytes -= size;
      bytes -= size;
      count -= 1;
    }
    if (largest.kept.length === 0) shares.delete(owner);
  }

  return {
    write: (line) => {
      seq += 1;
      const entry = parseEntry(line.slice(0, -1), { seq, maxEntryBytes });
      add(entry, Buffer.byteLength(JSON.stringify(entry)));
      for (const wake of waiting) wake();
    },
    after: (from) => {
      const entries: LogEntry[] = [];
      for (const { kept } of shares.values()) {
        for (let index = kept.length - 1; index >= 0; index -= 1) {
          const entry = kept[index]?.entry;
          if (entry === undefined || entry.seq <= from) break;
          entries.push(entry);
        }
      }
      entries.sort((a, b) => a.seq - b.seq);
      return { entries, dropped: seq - Math.min(from, seq) - entries.length, last: seq };
    },
    next: (from, signal) =>
      new Promise((resolve) => {
        if (seq > from || signal.aborted) {
          resolve();
          return;
        }
        const wake = () => {
          waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        waiting.add(wake);
        signal.addEventListener('abort', wake);
      }),
  };
}

/** Whose entry it is: a resource's code has a share of its own, all that the daemon says itself is one. */
function ownerOf({ source, resource }: LogEntry): string {
  return source === undefined ? '' : `${source} ${resource ?? ''}`;
}

function parseEntry(line: string, { seq, maxEntryBytes }: { seq: number; maxEntryBytes: number }): LogEntry {
  const parsed = entrySchema.safeParse(parseJson(line));
  if (!parsed.success) return { seq, time: Date.now(), level: ERROR_LEVEL, msg: line.slice(0, MAX_CUT_CHARACTERS) };
  if (Buffer.byteLength(line) <= maxEntryBytes) return { ...parsed.data, seq };
  const { time, level, msg, resource, source } = parsed.data;
  const about = {
    ...(resource && { resource: resource.slice(0, 127) }),
    ...(source && { source: source.slice(0, 32) }),
  };
  return { seq, time, level, msg: msg.slice(0, MAX_CUT_CHARACTERS), ...about, cut: true };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
