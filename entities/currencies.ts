/**
 * Minor-unit digits of the ISO 4217 currencies in use. Only these codes are accepted as money; funds codes, metals and
 * test codes (XAU, XDR, XTS, …) have no minor unit and are no currency to invoice in. Source: ISO 4217 list one.
 */
const TWO = `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP
CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES
KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD
PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY
TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW`.split(/\s+/);
const ZERO = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF'.split(' ');
const THREE = 'BHD IQD JOD KWD LYD OMR TND'.split(' ');

export const CURRENCY_DIGITS: ReadonlyMap<string, number> = new Map([
  ...TWO.map((code) => [code, 2] as const),
  ...ZERO.map((code) => [code, 0] as const),
  ...THREE.map((code) => [code, 3] as const),
  ['CLF', 4],
  ['UYW', 4],
]);
