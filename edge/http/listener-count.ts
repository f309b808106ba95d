import { DewproofError } from '../../core/errors.ts';

/** How many may listen at once: all callers, and each of them. */
export interface ListenerLimits {
  readonly maxListeners: number;
  readonly maxListenersPerCaller: number;
}

/** Counts who listens. */
export interface ListenerCount {
  /** Lets one more in; what it answers lets it out, once. @throws TOO_MANY */
  enter(caller: string): () => void;
}

/** Makes the count; a caller is an account, or the address of whoever has none. */
export function createListenerCount({ maxListeners, maxListenersPerCaller }: ListenerLimits): ListenerCount {
  const counts = new Map<string, number>();
  let all = 0;
  return {
    enter: (caller) => {
      const own = counts.get(caller) ?? 0;
      if (all >= maxListeners || own >= maxListenersPerCaller) {
        const whose = own >= maxListenersPerCaller ? 'you have' : 'others have';
        throw new DewproofError('TOO_MANY', `As many streams as may be are open here, and ${whose} them: try later.`);
      }
      counts.set(caller, own + 1);
      all += 1;
      let isIn = true;
      return () => {
        if (!isIn) return;
        isIn = false;
        all -= 1;
        const left = (counts.get(caller) ?? 1) - 1;
        if (left === 0) counts.delete(caller);
        else counts.set(caller, left);
      };
    },
  };
}
