import { Interface } from 'ethers/abi';
import { registryAbi } from './generated/registry.ts';

/** The registry's functions, events and errors, encoded and decoded by ethers. */
export const registryInterface = new Interface(registryAbi);
