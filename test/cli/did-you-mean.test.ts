import { expect, test } from 'vitest';
import { didYouMean } from '../../cli/home/did-you-mean.ts';

const known = ['barn-climate', 'barn-light', 'weather', 'host-load', 'a', 'ab'];

test.each([
  ['barn-climte', 'barn-climate'],
  ['barn-cilmate', 'barn-climate'],
  ['weahter', 'weather'],
  ['barn', 'barn-climate or barn-light'],
  ['climate', 'barn-climate'],
  ['load', 'host-load'],
])('%s may mean %s', (word, names) => {
  expect(didYouMean(word, known)).toBe(` Did you mean ${names}?`);
});

test.each(['pump', 'barn-climate', 'zzzzzzzzzzzzzzzz'])('%s is like none', (word) => {
  expect(didYouMean(word, known)).toBe('');
});

test('of many three are told', () => {
  expect(didYouMean('pump', ['pump-1', 'pump-2', 'pump-3', 'pump-4'])).toBe(
    ' Did you mean pump-1 or pump-2 or pump-3?',
  );
});
