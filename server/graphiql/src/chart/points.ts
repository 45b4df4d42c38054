/** What is drawn of a table: one point for each x and series. */
import { type Column, isSuppressed, type Row, type Table, type Type } from './tables';

export type Kind = 'line' | 'bar';
export type Per = 'instant' | 'day' | 'month' | 'year';

export interface Choice {
  kind: Kind;
  x: string;
  y: string[];
  /** Column whose values make the series; none when empty. */
  split: string;
  per: Per;
  /** What rows with the same x become. */
  same: 'sum' | 'average';
}

export interface Point {
  x: string;
  series: string;
  /** NaN leaves a gap. */
  value: number;
  gap: '' | 'no value' | 'suppressed';
  label: string;
}

/** Columns that are in no answer: the place of the row, and 1 for each row. */
export const PLACE = 'row';
export const COUNT = 'number of rows';
export const MOST_SERIES = 8;
export const MOST_BARS = 50;

const MOST_DEFAULT_SERIES = 4;
const NOT_A_MEASURE = /(^|\.)(id|\w*Id|number|version|year)$/;
/** How much of an instant's text says it. */
const LENGTHS: Record<Per, number> = { instant: 24, day: 10, month: 7, year: 4 };
const PERS: Partial<Record<Type, Per[]>> = {
  instant: ['instant', 'day', 'month', 'year'],
  day: ['day', 'month', 'year'],
  month: ['month', 'year'],
};

const typeOf = (table: Table, name: string): Type =>
  name === PLACE ? 'number' : (table.columns.find(column => column.name === name)?.type ?? 'empty');

export const isTime = (type: Type): boolean => type in PERS;

const measures = (table: Table) => table.columns.filter(({ type }) => type === 'number').map(({ name }) => name);

const distinct = (table: Table, ...names: string[]) =>
  new Set(table.rows.map(row => JSON.stringify(names.map(name => row.get(name) ?? null)))).size;

/** What can be chosen for this table, given what is chosen. */
export function optionsOf(table: Table, { x, kind }: Pick<Choice, 'x' | 'kind'>) {
  const type = typeOf(table, x);
  const pers = PERS[type] ?? ['instant'];
  return {
    type,
    x: [...table.columns.filter(column => column.type !== 'empty').map(({ name }) => name), PLACE],
    y: [...measures(table).filter(name => name !== x), COUNT],
    split: table.columns
      .filter(column => column.name !== x && column.type === 'text' && !/(^|\.)suppressed$/.test(column.name))
      .map(({ name }) => name),
    // A bar has a width: it stands for a day at least.
    per: kind === 'bar' && type === 'instant' ? pers.slice(1) : pers,
  };
}

/** The first choice: the course over time where there is a time, else the categories by their names. */
export function defaultChoice(table: Table): Choice {
  const by = (matches: (column: Column) => boolean) => table.columns.find(column => !column.above && matches(column))?.name;
  const x =
    by(({ type }) => isTime(type)) ??
    by(({ name, type }) => type === 'text' && !NOT_A_MEASURE.test(name)) ??
    by(({ type }) => type === 'text') ??
    PLACE;
  const kind = isTime(typeOf(table, x)) && distinct(table, x) > 1 ? 'line' : 'bar';
  const { y, split, per, type } = optionsOf(table, { x, kind });
  const own = new Set(table.columns.filter(({ above }) => !above).map(({ name }) => name));
  const first = y.filter(name => own.has(name) && !NOT_A_MEASURE.test(name)).slice(0, MOST_DEFAULT_SERIES);
  const single = x === PLACE || distinct(table, x) === table.rows.length;
  // Several rows at one instant are a log of events, not measurements.
  const log = !single && type === 'instant';
  const isKey = (name: string) => distinct(table, x, name) === table.rows.length && distinct(table, name) <= MOST_SERIES;
  const key = single || log || first.length === 0 ? undefined : split.find(isKey);
  return {
    kind,
    x,
    y: log || first.length === 0 ? [COUNT] : first.slice(0, key === undefined ? undefined : 1),
    split: key ?? '',
    per: log ? 'month' : per[0],
    same: 'sum',
  };
}

/** A choice made earlier, as far as it fits this table. */
export function fitted(table: Table, choice: Partial<Choice>): Choice {
  const base = { ...defaultChoice(table), ...choice };
  if (!optionsOf(table, base).x.includes(base.x)) return defaultChoice(table);
  const options = optionsOf(table, base);
  const y = base.y.filter(name => options.y.includes(name));
  return {
    ...base,
    y: y.length > 0 ? y : [COUNT],
    split: options.split.includes(base.split) ? base.split : '',
    per: options.per.includes(base.per) ? base.per : options.per[0],
  };
}

export function pointsOf(table: Table, choice: Choice): { points: Point[]; merged: boolean; withoutX: number } {
  const type = typeOf(table, choice.x);
  const groups = new Map<string, { x: string; series: string; rows: Row[]; column: string }>();
  let withoutX = 0;
  table.rows.forEach((row, place) => {
    const x = xOf(row, place, choice, type);
    if (x === null) withoutX += 1;
    else
      for (const column of choice.split ? choice.y.slice(0, 1) : choice.y) {
        const series = choice.split ? String(row.get(choice.split) ?? 'none') : column;
        const key = JSON.stringify([x, series]);
        const group = groups.get(key) ?? { x, series, rows: [], column };
        groups.set(key, group);
        group.rows.push(row);
      }
  });
  const points = [...groups.values()].map(({ x, series, rows, column }) => pointOf(x, series, rows, column, choice));
  if (isTime(type)) points.sort((one, other) => (one.x < other.x ? -1 : Number(one.x > other.x)));
  if (type === 'number') points.sort((one, other) => Number(one.x) - Number(other.x));
  return { points, withoutX, merged: [...groups.values()].some(({ rows }) => rows.length > 1) };
}

function xOf(row: Row, place: number, { x, per }: Choice, type: Type): string | null {
  if (x === PLACE) return String(place + 1);
  const cell = row.get(x) ?? null;
  if (cell === null) return isTime(type) || type === 'number' ? null : 'none';
  if (!isTime(type)) return String(cell);
  return new Date(String(cell)).toISOString().slice(0, LENGTHS[per]);
}

function pointOf(x: string, series: string, rows: Row[], column: string, { same }: Choice): Point {
  const suppressed = rows.some(row => isSuppressed(row, column));
  const values = column === COUNT ? rows.map(() => 1) : rows.map(row => row.get(column)).filter(cell => typeof cell === 'number');
  const sum = values.reduce((total, value) => total + value, 0);
  // Sums of hundredths end in 0.01, not in 0.010000000000000009.
  const value =
    suppressed || values.length === 0
      ? NaN
      : Number((same === 'sum' || column === COUNT ? sum : sum / values.length).toPrecision(12));
  const gap = suppressed ? 'suppressed' : values.length === 0 ? 'no value' : '';
  return { x, series, value, gap, label: `${x}, ${series}: ${gap || value}` };
}
