import { formatDecimal } from '../../entities/money';

export interface Credit {
  amountMinor: bigint;
  /** ISO 11649 creditor reference in its structured field. */
  creditorReference?: string;
  endToEndId?: string;
  text?: string;
  payer: string;
}

/** A camt.053.001.08 statement in euros with these credits, tying from the opening balance on. */
export function camtStatement(at: { iban: string; id: string; day: string; openingMinor: bigint }, credits: readonly Credit[]): string {
  const closing = credits.reduce((total, credit) => total + credit.amountMinor, at.openingMinor);
  const euros = (minor: bigint) => `<Amt Ccy="EUR">${formatDecimal(minor, 'EUR')}</Amt>`;
  const balance = (code: string, minor: bigint) =>
    `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp>${euros(minor)}<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>${at.day}</Dt></Dt></Bal>`;
  const entries = credits.map((credit, index) => {
    const structured = credit.creditorReference ? `<Strd><CdtrRefInf><Ref>${credit.creditorReference}</Ref></CdtrRefInf></Strd>` : '';
    const text = credit.text ? `<Ustrd>${credit.text}</Ustrd>` : '';
    const refs = `<Refs><AcctSvcrRef>${at.id}-${index + 1}</AcctSvcrRef><EndToEndId>${credit.endToEndId ?? 'NOTPROVIDED'}</EndToEndId></Refs>`;
    return `<Ntry>${euros(credit.amountMinor)}<CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>${at.day}</Dt></BookgDt>
      <ValDt><Dt>${at.day}</Dt></ValDt><AcctSvcrRef>${at.id}-${index + 1}</AcctSvcrRef><BkTxCd><Prtry><Cd>TRF</Cd></Prtry></BkTxCd>
      <NtryDtls><TxDtls>${refs}<RltdPties><Dbtr><Pty><Nm>${credit.payer}</Nm></Pty></Dbtr></RltdPties>
      <RmtInf>${text}${structured}</RmtInf></TxDtls></NtryDtls></Ntry>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
  <GrpHdr><MsgId>${at.id}</MsgId><CreDtTm>${at.day}T20:00:00Z</CreDtTm></GrpHdr>
  <Stmt><Id>${at.id}</Id><CreDtTm>${at.day}T20:00:00Z</CreDtTm><Acct><Id><IBAN>${at.iban}</IBAN></Id><Ccy>EUR</Ccy></Acct>
  ${balance('OPBD', at.openingMinor)}${balance('CLBD', closing)}
  ${entries.join('\n  ')}
  </Stmt></BkToCstmrStmt></Document>`;
}
