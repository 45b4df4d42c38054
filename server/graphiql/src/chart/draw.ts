import * as Plot from '@observablehq/plot';
import { type Choice, isTime, MOST_BARS, MOST_SERIES, type Per, type Point } from './points';
import type { Type } from './tables';

const DAY_MS = 86_400_000;
/** Days of the shortest of each. */
const DAYS: Record<Per, number> = { instant: 1, day: 1, month: 28, year: 365 };
const LETTER_PX = 6.4;
const LEGEND_ROW_PX = 20;
const SYMBOL_PX = 18;
const DOTS_AT_MOST = 120;
const DASHES = ['0', '7 4', '2 3', '9 3 2 3'];

const colour = (place: number) => `var(--chart-${(place % MOST_SERIES) + 1})`;
const dash = (place: number) => DASHES[place % DASHES.length];

interface Picture {
  points: Point[];
  series: string[];
  choice: Choice;
  type: Type;
  width: number;
}

export interface Drawing {
  chart: SVGSVGElement;
  /** What was left out, in words; empty where nothing was. */
  left: string[];
}

export function draw(all: Point[], choice: Choice, type: Type, width: number): Drawing {
  const everySeries = [...new Set(all.map(({ series }) => series))];
  const series = everySeries.slice(0, MOST_SERIES);
  const left = everySeries.length > MOST_SERIES ? [`The first ${MOST_SERIES} of ${everySeries.length} series are drawn.`] : [];
  const places = [...new Set(all.map(({ x }) => x))];
  // One instant is no course: it is a category like any other.
  const across = choice.kind === 'bar' && (!isTime(type) || places.length === 1);
  if (across && places.length > MOST_BARS) left.push(`The first ${MOST_BARS} of ${places.length} groups of bars are drawn.`);
  const drawn = new Set(across ? places.slice(0, MOST_BARS) : places);
  const points = all.filter(point => series.includes(point.series) && drawn.has(point.x));
  const options = (across ? bars : choice.kind === 'bar' ? columns : lines)({ points, series, choice, type, width });
  const chart = Plot.plot({
    height: Math.min(Math.max(width * 0.6, 220), 460),
    ...options,
    width,
    style: { fontSize: '11px' },
    ariaLabel: `${choice.kind === 'bar' ? 'Bar' : 'Line'} chart of ${series.join(', ')} by ${choice.x}`,
    color: { type: 'ordinal', domain: series, range: series.map((_, place) => colour(place)) },
  }) as SVGSVGElement;
  chart.setAttribute('role', 'img');
  if (series.length > 1) addLegend(chart, series, choice.kind);
  return { chart, left };
}

const valueLabel = ({ series, choice }: Picture) => (series.length === 1 ? series[0] : choice.split ? choice.y[0] : null);

const placeLabel = ({ choice, type }: Picture) => (type === 'instant' ? `${choice.x} (UTC)` : choice.x);

function timeAxis(picture: Picture): Plot.ScaleOptions {
  const { points, choice, width } = picture;
  const times = points.map(({ x }) => Date.parse(x));
  const units = (Math.max(...times) - Math.min(...times)) / DAY_MS / DAYS[choice.per];
  // A wide chart of few months would else name days, which none of its values is for.
  const ticks = choice.per !== 'instant' && units * 80 < width ? choice.per : undefined;
  return { type: 'utc', label: placeLabel(picture), labelOffset: 42, ticks };
}

/** Room for the numbers of the upright axis, the names below, and the last of them. */
function margins(picture: Picture) {
  const largest = Math.max(1, ...picture.points.map(({ value }) => Math.abs(value) || 0));
  return {
    marginLeft: 24 + Math.round(largest).toLocaleString('en').length * 8,
    marginRight: 24,
    marginTop: valueLabel(picture) ? 28 : 12,
    marginBottom: 46,
  };
}

function lines(picture: Picture): Plot.PlotOptions {
  const { points, series, type, width } = picture;
  const places = [...new Set(points.map(({ x }) => x))];
  const step = Math.ceil((places.length * 80) / width);
  const x = (point: Point) => (isTime(type) ? new Date(point.x) : type === 'number' ? Number(point.x) : point.x);
  const dots = places.length <= DOTS_AT_MOST;
  return {
    x: isTime(type)
      ? timeAxis(picture)
      : { label: placeLabel(picture), ...(type === 'number' ? { tickFormat: String, ticks: width / 80 } : { domain: places }) },
    y: { label: valueLabel(picture), grid: true, nice: true, zero: true, ticks: 5 },
    ...margins(picture),
    marks: [
      ...(type === 'text'
        ? [Plot.axisX({ ticks: places.filter((_, place) => place % step === 0), lineWidth: 7, textOverflow: 'ellipsis' })]
        : []),
      Plot.ruleY([0], { strokeOpacity: 0.4 }),
      ...series.map((name, place) =>
        Plot.line(
          points.filter(point => point.series === name),
          {
            x,
            y: 'value',
            stroke: colour(place),
            strokeWidth: dots ? 2 : 1.2,
            strokeDasharray: dash(place),
            ariaLabel: () => name,
          },
        ),
      ),
      Plot.dot(points, { x, y: 'value', fill: 'series', r: dots ? 3 : 1, ariaLabel: 'label' }),
      Plot.tip(points, Plot.pointer({ x, y: 'value', title: 'label', fill: 'var(--chart-background)' })),
    ],
  };
}

/** Upright bars over time, each around its instant; a series has its own part of the room between two. */
function columns(picture: Picture): Plot.PlotOptions {
  const { points, series, choice } = picture;
  const room = DAYS[choice.per] * DAY_MS * 0.8;
  const from = (point: Point, edge: 0 | 1) =>
    new Date(Date.parse(point.x) + room * ((series.indexOf(point.series) + edge) / series.length - 0.5));
  return {
    x: timeAxis(picture),
    y: { label: valueLabel(picture), grid: true, nice: true, ticks: 5 },
    ...margins(picture),
    marks: [
      Plot.rect(points, {
        x1: point => from(point, 0),
        x2: point => from(point, 1),
        y1: () => 0,
        y2: 'value',
        fill: 'series',
        ariaLabel: 'label',
      }),
      Plot.ruleY([0]),
      Plot.tip(points, Plot.pointer({ x: point => from(point, 1), y: 'value', title: 'label', fill: 'var(--chart-background)' })),
    ],
  };
}

/** Bars from the left, so that the names of the categories can be read. */
function bars(picture: Picture): Plot.PlotOptions {
  const { points, series, width } = picture;
  const places = [...new Set(points.map(({ x }) => x))];
  const longest = Math.max(...places.map(place => place.length)) * LETTER_PX;
  const marginLeft = Math.round(Math.min(longest + 16, width * 0.4));
  const thick = series.length > 1 ? 12 : 18;
  const scale = { fy: 'x', y: 'series' };
  return {
    height: places.length * (series.length * thick + 8) + 70,
    marginLeft,
    marginRight: 44,
    insetLeft: points.some(({ value }) => value < 0) ? 36 : 0,
    x: { label: valueLabel(picture), grid: true, nice: true, zero: true, ticks: Math.max(2, (width - marginLeft) / 80) },
    y: { axis: null, domain: series, padding: 0 },
    fy: { domain: places, label: null, padding: 0.2 },
    marks: [
      Plot.axisFy({ anchor: 'left', lineWidth: (marginLeft - 12) / 11, textOverflow: 'ellipsis', label: null }),
      Plot.barX(points, { ...scale, x: 'value', fill: 'series', ariaLabel: 'label' }),
      Plot.ruleX([0]),
      ...[1, -1].map(side =>
        Plot.text(points, {
          ...scale,
          filter: ({ value }: Point) => value < 0 === side < 0,
          x: ({ value }: Point) => value || 0,
          text: ({ gap, value }: Point) => gap || String(Number(value.toPrecision(6))),
          textAnchor: side < 0 ? 'end' : 'start',
          dx: 4 * side,
          fontSize: thick > 12 ? 11 : 10,
        }),
      ),
      Plot.tip(points, Plot.pointer({ ...scale, x: 'value', title: 'label', fill: 'var(--chart-background)' })),
    ],
  };
}

/** Above the chart and a part of the picture, so that a download has it too. */
function addLegend(chart: SVGSVGElement, series: string[], kind: Choice['kind']): void {
  const { width, height } = chart.viewBox.baseVal;
  const legend = make('g', { 'aria-label': 'legend', 'text-anchor': 'start', fill: 'currentColor' });
  let x = 0;
  let y = LEGEND_ROW_PX / 2;
  series.forEach((name, place) => {
    const wide = SYMBOL_PX + 6 + name.length * LETTER_PX + 14;
    if (x > 0 && x + wide > width) [x, y] = [0, y + LEGEND_ROW_PX];
    const symbol =
      kind === 'bar'
        ? make('rect', { x, y: y - 6, width: 12, height: 12, rx: 2, fill: colour(place) })
        : make('path', {
            d: `M${x},${y}h${SYMBOL_PX}`,
            stroke: colour(place),
            'stroke-width': 3,
            'stroke-dasharray': dash(place),
          });
    const text = make('text', { x: x + (kind === 'bar' ? 12 : SYMBOL_PX) + 6, y, dy: '0.35em' });
    text.textContent = name;
    legend.append(symbol, text);
    x += wide;
  });
  const tall = y + LEGEND_ROW_PX;
  legend.setAttribute('transform', `translate(0,${-tall})`);
  chart.setAttribute('viewBox', `0 ${-tall} ${width} ${height + tall}`);
  chart.setAttribute('height', String(height + tall));
  chart.append(legend);
}

function make(tag: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}
