/** Notes what is to be closed once `use` has ended, however it ends. */
export type CloseLater = (close: () => Promise<unknown>) => void;

/** Runs `use`, then closes what it noted in the reverse of that order; one that fails does not keep others open. */
export async function closeInTurn(use: (closeLater: CloseLater) => Promise<void>): Promise<void> {
  const closers: (() => Promise<unknown>)[] = [];
  const failures: unknown[] = [];
  const note = (error: unknown) => failures.push(error);
  await use((close) => closers.push(close)).catch(note);
  for (const close of closers.reverse()) await close().catch(note);
  if (failures.length > 0) throw failures[0];
}
