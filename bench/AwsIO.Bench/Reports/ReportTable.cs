using System.Text;
using AwsIO.Bench.Running;
using Spectre.Console;

namespace AwsIO.Bench.Reports;

/// <summary>
/// Prints the table: drawn on a terminal; piped, as aligned Markdown that reads as it is and can be pasted into a page.
/// </summary>
internal static class ReportTable
{
    public static void Print(BenchReport report, ReportColumns columns)
    {
        ReportRow[] rows =
        [
            .. report.Runs.GroupBy(run => run.Implementation).Select(group => new ReportRow(group.Key, [.. group], columns)),
        ];
        string[] headers = ReportRow.Headers(columns);
        string[][] cells = [.. rows.Select(row => row.Cells(rows[0].Main))];

        PrintRows(headers, cells);
        Console.WriteLine();
        foreach (ReportRow row in rows.Where(row => row.Message is not null))
        {
            Console.WriteLine($"{row.Implementation}: {row.Message}");
        }

        foreach (ReportRow row in rows.Where(row => row.Note is not null))
        {
            Console.WriteLine($"{row.Implementation}: {row.Note}");
        }

        Console.WriteLine($"{report.Machine}; medians of {report.Runs.Max(run => run.Repetition)}");
        Console.WriteLine(report.CommandLine);
    }

    /// <summary>Prints only a table.</summary>
    public static void PrintRows(string[] headers, IReadOnlyList<string[]> rows)
    {
        if (Console.IsOutputRedirected)
        {
            PrintPlain(headers, rows);
        }
        else
        {
            PrintDrawn(headers, rows);
        }
    }

    private static void PrintDrawn(string[] headers, IReadOnlyList<string[]> rows)
    {
        // A classic terminal of 80 columns has room for the figures or for the padding.
        int padding = AnsiConsole.Profile.Width < 100 ? 0 : 1;
        Table table = new Table().Border(TableBorder.Rounded);
        for (int i = 0; i < headers.Length; i++)
        {
            var column = new TableColumn(Markup.Escape(headers[i]))
            {
                NoWrap = true,
                Padding = new Padding(padding, 0),
            };
            table.AddColumn(i == 0 ? column : column.RightAligned());
        }

        foreach (string[] row in rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        AnsiConsole.Write(table);
    }

    private static void PrintPlain(string[] headers, IReadOnlyList<string[]> rows)
    {
        int[] widths =
        [
            .. headers.Select((header, i) => rows.Select(row => row[i].Length).Append(header.Length).Max()),
        ];
        Console.WriteLine(Line(headers, widths));
        Console.WriteLine(
            "|"
                + string.Concat(
                    widths.Select((w, i) => i == 0 ? $"{new string('-', w + 2)}|" : $"{new string('-', w + 1)}:|")
                )
        );
        foreach (string[] row in rows)
        {
            Console.WriteLine(Line(row, widths));
        }
    }

    private static string Line(string[] cells, int[] widths)
    {
        var line = new StringBuilder("|");
        for (int i = 0; i < cells.Length; i++)
        {
            string cell = i == 0 ? cells[i].PadRight(widths[i]) : cells[i].PadLeft(widths[i]);
            line.Append(' ').Append(cell).Append(" |");
        }

        return line.ToString();
    }
}
