import { Button, useGraphiQL } from '@graphiql/react';
import { type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react';
import { storage } from '../storage';
import { csvOf, save, svgOf } from './download';
import { draw } from './draw';
import { type Choice, COUNT, fitted, isTime, optionsOf, pointsOf } from './points';
import { type Table, tablesOf } from './tables';
import { TableView } from './TableView';

const CHOICES = 'portico:charts';

type Choices = Record<string, Partial<Choice>>;

const readChoices = (): Choices => JSON.parse(storage.getItem(CHOICES) ?? '{}');

/** The answer in sight; while the next one is awaited, the last. */
function useAnswer() {
  const tab = useGraphiQL(state => state.tabs[state.activeTabIndex]);
  const fetching = useGraphiQL(state => state.isFetching);
  const [answer, setAnswer] = useState({ operation: '', text: '' });
  const operation = tab.operationName ?? 'answer';
  useEffect(() => {
    if (tab.response || !fetching) setAnswer({ operation, text: tab.response ?? '' });
  }, [operation, tab.response, fetching]);
  return answer;
}

function Select({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: string;
  options: readonly string[];
  onChange: (value: string) => void;
}) {
  const id = useId();
  return (
    <div className="choice">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={event => onChange(event.target.value)}>
        {options.map(option => (
          <option key={option} value={option}>
            {option || 'nothing'}
          </option>
        ))}
      </select>
    </div>
  );
}

function Empty({ children }: { children: ReactNode }) {
  return (
    <div className="empty">
      <p>
        <strong>{children}</strong>
      </p>
      <p>Ask for a list, and it is drawn here. Packages by their enrollments, for example:</p>
      <pre>
        {'query Packages {\n  packages(first: 50) {\n    nodes {\n      name\n      enrollments { totalCount }\n    }\n  }\n}'}
      </pre>
      <p>A list with a date or a month becomes a line over time, any other becomes bars.</p>
    </div>
  );
}

function Chart({ table, operation }: { table: Table; operation: string }) {
  const key = `${operation} ${table.name}`;
  const [choices, setChoices] = useState(readChoices);
  const choice = useMemo(() => fitted(table, choices[key] ?? {}), [table, choices, key]);
  const options = optionsOf(table, choice);
  const { points, merged, withoutX } = useMemo(() => pointsOf(table, choice), [table, choice]);
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [left, setLeft] = useState<string[]>([]);

  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    observer.observe(frame.current!);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    if (width === 0) return;
    const drawing = draw(points, choice, options.type, width);
    frame.current!.replaceChildren(drawing.chart);
    setLeft(drawing.left);
  }, [points, choice, options.type, width]);

  function choose(part: Partial<Choice>) {
    const chosen = { ...readChoices(), [key]: { ...choice, ...part } };
    storage.setItem(CHOICES, JSON.stringify(chosen));
    setChoices(chosen);
  }

  function choosePlace(x: string) {
    choose({ x, kind: isTime(optionsOf(table, { ...choice, x }).type) ? 'line' : 'bar' });
  }

  const combined = merged && choice.y.some(name => name !== COUNT);
  const gaps = points.filter(({ gap }) => gap).length;
  const notes = [
    gaps > 0 && `${gaps} of ${points.length} values are null or suppressed: gaps, not zeros.`,
    withoutX > 0 && `${withoutX} rows without ${choice.x} are left out.`,
    ...left,
  ].filter(Boolean);

  return (
    <>
      <div className="choices">
        <Select
          label="Kind"
          value={choice.kind}
          options={['line', 'bar']}
          onChange={kind => choose({ kind: kind as Choice['kind'] })}
        />
        <Select
          label={choice.kind === 'line' ? 'Across' : 'A bar for each'}
          value={choice.x}
          options={options.x}
          onChange={choosePlace}
        />
        {options.per.length > 1 && isTime(options.type) && (
          <Select label="Per" value={choice.per} options={options.per} onChange={per => choose({ per: per as Choice['per'] })} />
        )}
        {options.split.length > 0 && (
          <Select label="Series by" value={choice.split} options={['', ...options.split]} onChange={split => choose({ split })} />
        )}
        {combined && (
          <Select
            label="Combine rows by"
            value={choice.same}
            options={['sum', 'average']}
            onChange={same => choose({ same: same as Choice['same'] })}
          />
        )}
      </div>
      <fieldset>
        <legend>Values</legend>
        {options.y.map(name => (
          <label key={name}>
            <input
              type={choice.split ? 'radio' : 'checkbox'}
              checked={choice.split ? choice.y[0] === name : choice.y.includes(name)}
              onChange={({ target }) =>
                choose({
                  y: choice.split
                    ? [name]
                    : options.y.filter(other => (other === name ? target.checked : choice.y.includes(other))),
                })
              }
            />
            {name}
          </label>
        ))}
      </fieldset>
      <div className="frame" ref={frame} />
      {notes.length > 0 && <p className="note">{notes.join(' ')}</p>}
      <div className="downloads">
        <Button onClick={() => save(`${fileName(key)}.csv`, 'text/csv;charset=utf-8', csvOf(table))}>Download CSV</Button>
        <Button onClick={() => save(`${fileName(key)}.svg`, 'image/svg+xml', svgOf(frame.current!.querySelector('svg')!))}>
          Download SVG
        </Button>
      </div>
    </>
  );
}

const fileName = (key: string) => key.replace(/\W+/g, '-');

export default function ChartPane() {
  const { operation, text } = useAnswer();
  const tables = useMemo(() => tablesOf(text), [text]);
  const [name, setName] = useState('');
  const table = tables.find(table => table.name === name) ?? tables[0];
  const pane = useRef<HTMLElement>(null);

  function enlarge() {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void pane.current!.requestFullscreen();
  }

  return (
    <section className="chart-pane" aria-label="Chart" ref={pane}>
      <header>
        <h2>Chart</h2>
        {table && <Button onClick={enlarge}>Full screen</Button>}
      </header>
      {table ? (
        <>
          {tables.length > 1 && (
            <Select label="Table" value={table.name} options={tables.map(({ name }) => name)} onChange={setName} />
          )}
          <Chart key={table.name} table={table} operation={operation} />
          <TableView table={table} />
        </>
      ) : (
        <Empty>{text ? 'There is no list with rows in this answer.' : 'There is no answer yet.'}</Empty>
      )}
    </section>
  );
}
