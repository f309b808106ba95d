import { settleAll } from '../settle-all.ts';
import { sumCounts } from '../sum-counts.ts';
import type { Behaviour, StartBehaviour } from './behaviour.ts';

/** Starts several kinds of logic of one resource as one, in order; none is left running where one does not start. */
export function combineBehaviours(starts: readonly StartBehaviour[]): StartBehaviour {
  return async (start) => {
    const started: Behaviour[] = [];
    try {
      for (const one of starts) started.push(await one(start));
    } catch (error) {
      await stopAll(started);
      throw error;
    }
    return {
      probe: async (signal) => {
        for (const one of started) await one.probe(signal);
      },
      takeOver: async () => {
        for (const one of started) await one.takeOver();
      },
      deliver: (event) => {
        for (const one of started) one.deliver(event);
      },
      computeView: started.find(({ computeView }) => computeView !== undefined)?.computeView,
      dropped: () => sumCounts(started.map((one) => one.dropped())),
      stop: () => stopAll(started),
    };
  };
}

function stopAll(started: readonly Behaviour[]): Promise<void> {
  return settleAll(started.map((one) => one.stop()));
}
