/** Rows under headers in columns as wide as their widest cell, three spaces apart, nothing behind the last one. */
export function tableLines(headers: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = headers.map((header, column) =>
    Math.max(header.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  return [headers, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd(),
  );
}
