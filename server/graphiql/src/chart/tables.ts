/** The tables of an answer: every list of objects in it, wherever it is. */

export type Cell = string | number | boolean | null;
export type Row = Map<string, Cell>;
/** Times by how fine they are; `empty` has nulls only. */
export type Type = 'number' | 'text' | 'instant' | 'day' | 'month' | 'empty';

export interface Column {
  name: string;
  type: Type;
  /** Whether it is that of the object which holds the list, said again in each row. */
  above: boolean;
}

export interface Table {
  name: string;
  columns: Column[];
  rows: Row[];
}

type Json = Cell | Json[] | JsonObject;
type JsonObject = { [key: string]: Json };

const TIMES: [Type, RegExp][] = [
  ['month', /^\d{4}-\d{2}$/],
  ['day', /^\d{4}-\d{2}-\d{2}$/],
  ['instant', /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$/],
];

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTable = (value: Json): value is JsonObject[] => Array.isArray(value) && value.some(isObject);

export function tablesOf(answer: string): Table[] {
  const found = new Map<string, { rows: Row[]; above: Set<string> }>();

  function visit(value: Json, path: string[], above: Row): void {
    if (isTable(value)) {
      const name = path.join('.');
      const table = found.get(name) ?? { rows: [], above: new Set(above.keys()) };
      found.set(name, table);
      for (const item of value.filter(isObject).map(unwrapped)) {
        const row: Row = new Map();
        flatten(item, '', row);
        for (const [column, cell] of above) if (!row.has(column)) row.set(column, cell);
        for (const column of row.keys()) if (!above.has(column)) table.above.delete(column);
        table.rows.push(row);
        visitAll(item, path, scalarsOf(item, path.at(-1) ?? ''));
      }
    } else if (isObject(value)) {
      visitAll(value, path, above);
    }
  }

  function visitAll(object: JsonObject, path: string[], above: Row): void {
    const connection = path.length > 0;
    for (const [key, value] of Object.entries(object)) {
      if (connection && key === 'edges' && isTable(object.nodes)) continue;
      visit(value, connection && ['nodes', 'edges'].includes(key) ? path : [...path, key], above);
    }
  }

  visit(dataOf(answer), [], new Map());
  return [...found].map(([name, { rows, above }]) => ({ name, rows, columns: columnsOf(rows, above) }));
}

function dataOf(answer: string): Json {
  try {
    const parsed: Json = JSON.parse(answer);
    return isObject(parsed) ? (parsed.data ?? null) : null;
  } catch {
    return null;
  }
}

/** The node of an edge, and what else the edge says. */
function unwrapped(item: JsonObject): JsonObject {
  if (!isObject(item.node)) return item;
  const { node, ...rest } = item;
  return { ...node, ...rest };
}

function flatten(object: JsonObject, prefix: string, row: Row): void {
  for (const [key, value] of Object.entries(object)) {
    if (isObject(value)) flatten(value, `${prefix}${key}.`, row);
    else if (!Array.isArray(value)) row.set(prefix + key, value);
    else if (value.length > 0 && !isTable(value)) row.set(prefix + key, value.join(', '));
  }
}

function scalarsOf(item: JsonObject, name: string): Row {
  const entries = Object.entries(item).filter((entry): entry is [string, Cell] => typeof entry[1] !== 'object');
  return new Map(entries.map(([key, value]) => [`${name}.${key}`, value]));
}

function columnsOf(rows: Row[], above: Set<string>): Column[] {
  const names = [...new Set(rows.flatMap(row => [...row.keys()]))];
  return names.map(name => ({ name, type: typeOf(rows.map(row => row.get(name) ?? null)), above: above.has(name) }));
}

function typeOf(cells: Cell[]): Type {
  const values = cells.filter(cell => cell !== null);
  if (values.length === 0) return 'empty';
  if (values.every(value => typeof value === 'number')) return 'number';
  const matches = (form: RegExp) =>
    values.every(value => typeof value === 'string' && form.test(value) && !isNaN(Date.parse(value)));
  return TIMES.find(([, form]) => matches(form))?.[0] ?? 'text';
}

/** Whether the row, or the object in it that the column belongs to, is marked as suppressed. */
export function isSuppressed(row: Row, column: string): boolean {
  const parts = column.split('.');
  return parts.some((_, depth) => row.get([...parts.slice(0, depth), 'suppressed'].join('.')) === true);
}
