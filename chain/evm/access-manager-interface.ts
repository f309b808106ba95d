import { Interface } from 'ethers/abi';
import { accessManagerAbi } from './generated/access-manager.ts';

/** The access manager's functions, events and errors, encoded and decoded by ethers. */
export const accessManagerInterface = new Interface(accessManagerAbi);
