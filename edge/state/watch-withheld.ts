/** Who hears of a dew that keeps newer heads back; `everyMs` is how often dews are asked. */
export interface WithheldOptions {
  readonly everyMs: number;
  /** A clock that is never set, in milliseconds. */
  readonly elapsedMs: () => number;
  readonly onWithheld: (dew: { readonly server: string; readonly height: bigint }) => void;
}

/** Compares what dews offer with what other edges told. */
export interface WithheldWatch {
  /** A bundle of this height was accepted. */
  taken(from: { readonly by: 'dew' | 'peer'; readonly height: bigint }): void;
  /** A dew was asked and answered, with whatever it has. */
  answered(dew: { readonly server: string }): void;
}

// An answer on its way, and the jitter of an interval, are no reason to accuse anybody.
const PATIENCE = 2;

/**
 * Watches for a freeze: another edge told of a head that no dew has offered though it was asked for longer than an
 * interval. Of each such head each dew is told once; the next that a dew offers as high ends it.
 */
export function watchWithheld({ everyMs, elapsedMs, onWithheld }: WithheldOptions): WithheldWatch {
  let offered = -1n;
  let told: { readonly height: bigint; readonly atMs: number } | undefined;
  const accused = new Set<string>();

  return {
    taken: ({ by, height }) => {
      if (by === 'dew' && height > offered) offered = height;
      if (told !== undefined && offered >= told.height) {
        told = undefined;
        accused.clear();
      }
      // The first head that dews lack starts the clock: later ones must not wind it back.
      if (by === 'peer' && height > offered) told ??= { height, atMs: elapsedMs() };
    },
    answered: ({ server }) => {
      if (told === undefined || accused.has(server)) return;
      if (elapsedMs() - told.atMs <= PATIENCE * everyMs) return;
      accused.add(server);
      onWithheld({ server, height: told.height });
    },
  };
}
