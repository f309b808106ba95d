import { codedError } from './coded-error.ts';
import { documentOf } from './install-configuration.ts';
import { obtainContent, type ContentSources } from './obtain-content.ts';
import type { Refusals } from './refusals.ts';
import type { DeviceMemory } from './store/device-memory.ts';

/** Has the disk hold again what the device knows, and what dews have of it; what fails is told, and it never rejects. */
export async function mendStore({
  memory,
  sources,
  refusals,
  signal,
}: {
  readonly memory: DeviceMemory;
  readonly sources: ContentSources;
  readonly refusals: Refusals;
  readonly signal: AbortSignal;
}): Promise<void> {
  try {
    await memory.rewrite();
    for (const { digest, profile } of memory.committed.values()) {
      for (const one of [digest, profile]) {
        if (one !== null) await obtainContent(documentOf(one), { sources, signal });
      }
    }
  } catch (error) {
    if (signal.aborted) return;
    const { code, message } = codedError(error, { code: 'INTERNAL', what: 'The store could not be mended' });
    refusals.record({ about: 'store', code, message });
  }
}
