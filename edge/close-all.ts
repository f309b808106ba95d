/** What was opened, in order: how to close each. */
export type Opened = (() => Promise<void>)[];

/** Closes in the reverse of the order of opening; one that fails does not keep the others open. */
export async function closeAll(opened: Opened): Promise<void> {
  const failures: unknown[] = [];
  for (const close of opened.splice(0).reverse()) {
    try {
      await close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
