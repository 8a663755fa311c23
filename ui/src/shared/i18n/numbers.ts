// formatNumber groups digits as the language does; decimals fixes how many follow the point.
export function formatNumber(value: number, language: string, decimals?: number): string {
  const digits = decimals === undefined ? { maximumFractionDigits: 6 } : { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return new Intl.NumberFormat(language, digits).format(value);
}

// formatMoney shows an amount; whole amounts are shown without decimals.
export function formatMoney(value: number, language: string, currency: string): string {
  return new Intl.NumberFormat(language, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: Number.isInteger(value) ? 0 : 2,
    maximumFractionDigits: 2,
  }).format(value);
}

// currencySymbol is the sign that stands before an amount.
export function currencySymbol(language: string, currency: string): string {
  const parts = new Intl.NumberFormat(language, { style: 'currency', currency, currencyDisplay: 'narrowSymbol' }).formatToParts(0);
  return parts.find((part) => part.type === 'currency')?.value ?? currency;
}

const units = ['B', 'KB', 'MB', 'GB'];

// formatBytes shows a size as file managers do.
export function formatBytes(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(bytes) / Math.log(1024)));
  const size = bytes / 1024 ** step;
  return `${size.toFixed(step === 0 || size >= 100 ? 0 : 1).replace(/\.0$/, '')} ${units[step] ?? ''}`;
}
