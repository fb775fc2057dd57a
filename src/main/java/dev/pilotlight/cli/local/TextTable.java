package dev.pilotlight.cli.local;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows of text in columns; a cell may have several lines. */
final class TextTable {

    private final List<List<String>> rows = new ArrayList<>();

    TextTable row(String... cells) {
        rows.add(List.of(cells));
        return this;
    }

    /** The first row is the heading. */
    List<String> lines() {
        int columns = rows.stream().mapToInt(List::size).max().orElse(0);
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int column = 0; column < row.size(); column++) {
                int width =
                        row.get(column).lines().mapToInt(String::length).max().orElse(0);
                widths[column] = Math.max(widths[column], width);
            }
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            int height = Math.max(
                    1,
                    row.stream()
                            .mapToInt(cell -> (int) cell.lines().count())
                            .max()
                            .orElse(1));
            for (int line = 0; line < height; line++) {
                lines.add(line(row, line, widths));
            }
            if (lines.size() == height) {
                lines.add("-".repeat(Arrays.stream(widths).sum() + 3 * (columns - 1)));
            }
        }
        return lines;
    }

    private static String line(List<String> row, int line, int[] widths) {
        StringBuilder text = new StringBuilder();
        for (int column = 0; column < row.size(); column++) {
            String cell = row.get(column).lines().skip(line).findFirst().orElse("");
            text.append(cell)
                    .append(" ".repeat(widths[column] - cell.length()))
                    .append(column < row.size() - 1 ? "   " : "");
        }
        return text.toString().stripTrailing();
    }
}
