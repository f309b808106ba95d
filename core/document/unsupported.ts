import { DewproofError } from '../errors.ts';
import type { ActionSpec, Input, VirtualResource } from './schema.ts';

/**
 * Refuses what a document may say but nothing acts on yet, since an approved promise that is silently not kept
 * (a limit, a lease) is worse than none. `runtimes` are the kinds that the host can run.
 * @throws UNSUPPORTED (names the path)
 */
export function verifySupported(
  { spec }: VirtualResource,
  { runtimes }: { readonly runtimes: readonly string[] },
): void {
  refuseIf(!runtimes.includes(spec.runtime.kind), 'spec.runtime.kind');
  refuseIf(spec.store.offload !== undefined, 'spec.store.offload');
  for (const [index, input] of spec.inputs.entries()) verifyInput(input, `spec.inputs[${index}]`);
  for (const [index, action] of spec.actions.entries()) verifyAction(action, `spec.actions[${index}]`);
  refuseIf(spec.replicas.wakeAt !== undefined, 'spec.replicas.wakeAt');
  for (const [index, { condition }] of spec.requires.entries()) {
    refuseIf(condition !== 'running', `spec.requires[${index}].condition`);
  }
  refuseIf(spec.placement.spread, 'spec.placement.spread');
  refuseIf(spec.exclusive, 'spec.exclusive');
  for (const [index, uri] of spec.outbound.entries()) refuseIf(uri.startsWith('coap'), `spec.outbound[${index}]`);
}

function verifyInput(input: Input, path: string): void {
  refuseIf('coap' in input && needsDtls(input.coap.uri), `${path}.coap.uri`);
}

function verifyAction(action: ActionSpec, path: string): void {
  refuseIf('coap' in action && needsDtls(action.coap.uri), `${path}.coap.uri`);
}

function needsDtls(uri: string): boolean {
  return uri.startsWith('coaps:');
}

function refuseIf(unsupported: boolean, path: string): void {
  if (!unsupported) return;
  throw new DewproofError('UNSUPPORTED', `This release does not act on ${path} as it is set; leave it out.`, {
    details: { path },
  });
}
