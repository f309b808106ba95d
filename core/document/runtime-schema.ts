import { z } from 'zod';
import { digest } from './fields.ts';

const MAX_ARTIFACT_BYTES = 2 ** 30;

/** A file by its digest; `size` in bytes, so that a server can't send without end. */
const artifact = z.strictObject({ digest, size: z.int().min(1).max(MAX_ARTIFACT_BYTES) });

const limits = z
  .strictObject({
    memoryMiB: z.int().min(1).max(65_536).default(16),
    /** Processor time for each call, in milliseconds. */
    cpuMs: z.int().min(1).max(60_000).default(50),
    /** Of one processor, in percent of each minute; what comes in past it is dropped and counted. */
    cpuPercent: z.int().min(1).max(100).default(5),
  })
  .prefault({});

/** What runs: `views` has no code at all, `script` runs in a sandbox, `process` is a program of its own. */
export const runtimeSchema = z
  .discriminatedUnion(
    'kind',
    [
      z.strictObject({ kind: z.literal('views') }),
      z.strictObject({ kind: z.literal('script'), artifact, limits }),
      z.strictObject({
        kind: z.literal('process'),
        artifact,
        args: z.array(z.string().max(1024)).max(32).default([]),
        limits,
      }),
    ],
    'expected views, script or process',
  )
  .default({ kind: 'views' });
