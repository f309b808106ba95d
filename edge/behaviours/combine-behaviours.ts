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
      dropped: () => Object.assign({}, ...started.map((one) => one.dropped())) as Readonly<Record<string, number>>,
      stop: () => stopAll(started),
    };
  };
}

async function stopAll(started: readonly Behaviour[]): Promise<void> {
  const results = await Promise.allSettled(started.map((one) => one.stop()));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
