import type { Contract, ContractLine } from '../../../entities/contracts/Contract';
import { termsOf } from '../../../entities/terms/ofContract';
import { isSuspended, lineOn, untilOf } from '../../../entities/terms/terms';

/** The lines of a version of a contract that give something on a day, with their quantities and prices of that day. Pure. */
export function linesOn(contract: Contract, day: string): ContractLine[] {
  const terms = termsOf(contract);
  if (day < terms.startDate || day >= untilOf(terms) || isSuspended(terms, day)) return [];
  return contract.allLines.flatMap((line) => {
    const { quantity, unitPriceMinor } = lineOn({ steps: line.stepList }, day);
    return quantity === 0n ? [] : [Object.assign(line, { quantity: quantity.toString(), unitPriceMinor: unitPriceMinor.toString() })];
  });
}
