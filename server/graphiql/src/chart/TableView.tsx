import { isSuppressed, type Row, type Table } from './tables';

const ROWS_SHOWN = 100;

function Cell({ row, name, number }: { row: Row; name: string; number: boolean }) {
  const value = row.get(name) ?? null;
  const suppressed = number && isSuppressed(row, name);
  const absent = suppressed || value === null;
  const className = [number && 'number', absent && 'absent'].filter(Boolean).join(' ');
  return <td className={className}>{suppressed ? 'suppressed' : value === null ? 'null' : String(value)}</td>;
}

export function TableView({ table: { name, columns, rows } }: { table: Table }) {
  const title = `${name}, ${rows.length} ${rows.length === 1 ? 'row' : 'rows'}`;
  return (
    <>
      <div className="rows" role="region" aria-label={`Rows of ${name}`} tabIndex={0}>
        <table>
          <caption>{title}</caption>
          <thead>
            <tr>
              {columns.map(({ name, type }) => (
                <th key={name} scope="col" className={type === 'number' ? 'number' : ''}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, ROWS_SHOWN).map((row, place) => (
              <tr key={place}>
                {columns.map(({ name, type }) => (
                  <Cell key={name} row={row} name={name} number={type === 'number'} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > ROWS_SHOWN && (
        <p className="note">
          The first {ROWS_SHOWN} of {rows.length} rows are shown; the download has them all.
        </p>
      )}
    </>
  );
}
