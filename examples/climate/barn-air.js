// The logic of barn-air.yaml. It reaches what that document names, and nothing else.
import { actions, inputs, log, store } from 'dewproof';

const HOT = 35;
const COOL_AGAIN = 32;
const KEPT = 5;
const recent = [];
let isHot = false;

export async function onStart() {
  isHot = (await store.get('hot')) === true;
}

export async function onReading({ input, value }) {
  if (input !== 'temperature') return;
  recent.push(value);
  if (recent.length > KEPT) recent.shift();
  const mean = recent.reduce((sum, one) => sum + one, 0) / recent.length;
  if (recent.length < KEPT || (isHot ? mean > COOL_AGAIN : mean < HOT)) return;
  isHot = !isHot;
  await store.put('hot', isHot);
  const text = `${isHot ? 'too hot' : 'cool again'}: ${mean.toFixed(1)} °C on average`;
  log.info(text);
  await actions.invoke('alert', text);
}

/** How it feels: Thom's discomfort index (1959), of temperature in °C and relative humidity in %. */
export async function view() {
  const [temperature, humidity] = await Promise.all([inputs.latest('temperature'), inputs.latest('humidity')]);
  if (!temperature || !humidity) return { index: null, feels: 'unknown' };
  const { value: t } = temperature;
  const index = t - 0.55 * (1 - 0.01 * humidity.value) * (t - 14.5);
  const feels = index < 21 ? 'comfortable' : index < 27 ? 'warm' : 'oppressive';
  return { index: Math.round(index * 10) / 10, feels };
}
