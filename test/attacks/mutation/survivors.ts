/** Mutants that no vector kills, by file and by what stands there; why none could, or need. */
export const survivors: readonly {
  readonly file: string;
  readonly was: string;
  readonly by?: string;
  readonly why: string;
}[] = [];
