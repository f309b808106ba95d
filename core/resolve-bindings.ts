import type { Account } from './account.ts';
import { addressForms, type AddressForm } from './document/addresses.ts';
import { fillPlaceholders, type Placeholder } from './document/placeholders.ts';
import type { ActionSpec, DeviceProfile, Input, VirtualResource } from './document/schema.ts';
import { DewproofError } from './errors.ts';
import type { Name } from './ids.ts';

/** What a device puts in the place of `{binding}`, `{device}` and `{group}`. */
export interface BindingContext {
  readonly device: Account;
  readonly group: Name;
  /** The device's approved profile; undefined where it has none. */
  readonly profile: DeviceProfile | undefined;
}

/**
 * A resource with the addresses of its inputs and actions filled in for one device. Every filled address is checked
 * for its form again: a binding can't smuggle a wildcard into an action, or a file into a URI.
 * @throws UNBOUND (the profile binds nothing to an id that needs it, or something of another form)
 */
export function resolveBindings(resource: VirtualResource, context: BindingContext): VirtualResource {
  const inputs = resource.spec.inputs.map((input) => resolveInput(input, context));
  const actions = resource.spec.actions.map((action) => resolveAction(action, context));
  return { ...resource, spec: { ...resource.spec, inputs, actions } };
}

function resolveInput(input: Input, context: BindingContext): Input {
  const fill = (form: AddressForm, address: string) => resolve({ id: input.id, form, address }, context);
  if ('mqtt' in input) return { ...input, mqtt: { ...input.mqtt, topic: fill('topicFilter', input.mqtt.topic) } };
  if ('coap' in input) return { ...input, coap: { ...input.coap, uri: fill('coap', input.coap.uri) } };
  if ('http' in input) return { ...input, http: { ...input.http, uri: fill('http', input.http.uri) } };
  if ('ble' in input) return { ...input, ble: { ...input.ble, address: fill('ble', input.ble.address) } };
  return input;
}

function resolveAction(action: ActionSpec, context: BindingContext): ActionSpec {
  const fill = (form: AddressForm, address: string) => resolve({ id: action.id, form, address }, context);
  if ('mqtt' in action) return { ...action, mqtt: { ...action.mqtt, topic: fill('topicName', action.mqtt.topic) } };
  if ('coap' in action) return { ...action, coap: { ...action.coap, uri: fill('coap', action.coap.uri) } };
  if ('http' in action) return { ...action, http: { ...action.http, uri: fill('http', action.http.uri) } };
  return action;
}

function resolve(
  { id, form, address }: { id: string; form: AddressForm; address: string },
  context: BindingContext,
): string {
  const filled = fillPlaceholders(address, (placeholder) => valueOf(placeholder, { id, context }));
  if (addressForms[form](filled)) return filled;
  throw new DewproofError('UNBOUND', `The address of ${id} is no ${form} once it is filled; correct the profile.`, {
    details: { id, form },
  });
}

function valueOf(placeholder: Placeholder, { id, context }: { id: string; context: BindingContext }): string {
  if (placeholder === 'device') return context.device;
  if (placeholder === 'group') return context.group;
  const bindings = context.profile?.spec.bindings ?? {};
  // An id such as `constructor` must not find what every object inherits.
  const bound = Object.hasOwn(bindings, id) ? bindings[id] : undefined;
  if (bound !== undefined) return bound;
  throw new DewproofError('UNBOUND', `The device's profile binds nothing to ${id}; add it and have it approved.`, {
    details: { id },
  });
}
