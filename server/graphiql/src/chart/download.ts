import Papa from 'papaparse';
import type { Table } from './tables';

// Papa Parse's own pattern lets a formula of several lines through.
const FORMULA = /^[=+\-@\t\r\n]/;

/** CSV as in RFC 4180, all rows; a text that a spreadsheet would take for a formula gets an apostrophe in front. */
export function csvOf({ columns, rows }: Table): string {
  const fields = columns.map(({ name }) => name);
  const data = rows.map(row => fields.map(name => row.get(name) ?? null));
  return Papa.unparse({ fields, data }, { escapeFormulae: FORMULA, newline: '\r\n' });
}

/** The picture as it is seen: with its colours instead of the page's names for them, on its background. */
export function svgOf(chart: SVGSVGElement): string {
  const style = getComputedStyle(chart);
  const copy = chart.cloneNode(true) as SVGSVGElement;
  copy.setAttribute('style', `background: ${style.backgroundColor}; color: ${style.color}; font-family: system-ui, sans-serif`);
  const text = new XMLSerializer().serializeToString(copy);
  return text.replace(/var\((--chart-\w+)\)/g, (_, name) => style.getPropertyValue(name).trim());
}

export function save(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
