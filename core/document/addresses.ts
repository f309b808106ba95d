import { z } from 'zod';
import { fillPlaceholders, hasKnownPlaceholders } from './placeholders.ts';
import { isTopicFilter, isTopicName } from './topics.ts';
import { isCoapUri, isUri } from './uris.ts';

/** Links that a device can have and a resource can need. */
export const links = ['ethernet', 'wifi', 'ble', 'zigbee', 'thread', 'lora', 'cellular', 'serial'] as const;

/** A kind of link. */
export type Link = (typeof links)[number];

/** Which form an address has once its placeholders are filled. */
export const addressForms = {
  topicFilter: isTopicFilter,
  topicName: isTopicName,
  coap: isCoapUri,
  http: (text: string) => isUri(text, ['http', 'https']),
  ble: (text: string) => /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/.test(text),
} as const;
export type AddressForm = keyof typeof addressForms;

const expectations: Readonly<Record<AddressForm, string>> = {
  topicFilter: 'expected an MQTT topic filter (# only as the last level, + only as a whole one, no leading $)',
  topicName: 'expected an MQTT topic without wildcards or leading $',
  coap: 'expected a coap: or coaps: URI of one host, in its normal form',
  http: 'expected an http: or https: URI in its normal form',
  ble: 'expected a Bluetooth address, as in 00:1a:7d:da:71:13',
};

/** An address of one form that may hold placeholders; the form is checked again once they are filled. */
export function address(form: AddressForm) {
  return z
    .string()
    .min(1)
    .max(512)
    .refine(hasKnownPlaceholders, 'expected no braces but {binding}, {device} and {group}')
    .refine((text) => text === '{binding}' || addressForms[form](sampleOf(text)), expectations[form]);
}

function sampleOf(text: string): string {
  return fillPlaceholders(text, () => 'x');
}
