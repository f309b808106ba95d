/** Runs a task once all that came before it have settled; answers what the task does. */
export type InTurn = <T>(task: () => Promise<T>) => Promise<T>;

/** Makes a line of tasks: one that fails keeps none behind it from its turn. */
export function createTurns(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const run = last.then(task);
    last = run.catch(() => undefined);
    return run;
  };
}
