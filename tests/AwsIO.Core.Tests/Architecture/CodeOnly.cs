namespace AwsIO.Tests.Architecture;

/// <summary>
/// Blanks the comments, strings, characters and directives of a C# text, and keeps the code in the holes of interpolated
/// strings. Every other character stays where it was, so offsets and line numbers hold.
/// </summary>
internal sealed class CodeOnly
{
    private readonly string _text;
    private readonly char[] _out;
    private int _at;

    private CodeOnly(string text)
    {
        _text = text;
        _out = text.ToCharArray();
    }

    public static string Of(string text)
    {
        CodeOnly scan = new(text);
        scan.Code(inHole: false);
        return new string(scan._out);
    }

    private char Peek(int ahead = 0) => _at + ahead < _text.Length ? _text[_at + ahead] : '\0';

    private void Blank(int count = 1)
    {
        for (; count > 0 && _at < _text.Length; count--, _at++)
        {
            if (_text[_at] != '\n')
            {
                _out[_at] = ' ';
            }
        }
    }

    private int Run(char c)
    {
        int n = 0;
        while (Peek(n) == c)
        {
            n++;
        }

        return n;
    }

    /// <summary>Scans code to the end of the text, or to the brace that closes a hole.</summary>
    private void Code(bool inHole)
    {
        int depth = 0;
        bool lineIsBlank = true;
        while (_at < _text.Length)
        {
            char c = Peek();
            if (c == '#' && lineIsBlank)
            {
                BlankLine();
            }
            else if (c == '/' && Peek(1) == '/')
            {
                BlankLine();
            }
            else if (c == '/' && Peek(1) == '*')
            {
                int end = _text.IndexOf("*/", _at + 2, StringComparison.Ordinal);
                Blank((end < 0 ? _text.Length : end + 2) - _at);
            }
            else if (c == '\'')
            {
                Character();
            }
            else if (c is '"' or '$' or '@' && StartsString())
            {
                StringLiteral();
            }
            else if (inHole && c == '}' && depth == 0)
            {
                return;
            }
            else
            {
                depth += c switch { '{' => 1, '}' => -1, _ => 0 };
                lineIsBlank = c == '\n' || (lineIsBlank && char.IsWhiteSpace(c));
                _at++;
            }
        }
    }

    private bool StartsString()
    {
        int n = 0;
        while (Peek(n) is '$' or '@')
        {
            n++;
        }

        return Peek(n) == '"';
    }

    private void BlankLine()
    {
        int end = _text.IndexOf('\n', _at);
        Blank((end < 0 ? _text.Length : end) - _at);
    }

    private void Character()
    {
        Blank();
        while (_at < _text.Length && Peek() is not ('\'' or '\n'))
        {
            Blank(Peek() == '\\' ? 2 : 1);
        }

        Blank();
    }

    private void StringLiteral()
    {
        int dollars = 0;
        bool verbatim = false;
        for (; Peek() != '"'; Blank())
        {
            dollars += Peek() == '$' ? 1 : 0;
            verbatim |= Peek() == '@';
        }

        int quotes = Run('"');
        if (quotes == 2)
        {
            Blank(2); // empty
        }
        else if (quotes >= 3 && !verbatim)
        {
            Blank(quotes);
            Body(quotes, dollars, escapes: false, verbatim: false);
        }
        else
        {
            Blank();
            Body(1, dollars, escapes: !verbatim, verbatim);
        }
    }

    private void Body(int quotes, int dollars, bool escapes, bool verbatim)
    {
        while (_at < _text.Length)
        {
            char c = Peek();
            if (c == '\\' && escapes)
            {
                Blank(2);
            }
            else if (c == '"' && verbatim && Peek(1) == '"')
            {
                Blank(2);
            }
            else if (c == '"')
            {
                int run = Run('"');
                Blank(quotes == 1 ? 1 : run);
                if (quotes == 1 || run >= quotes)
                {
                    return;
                }
            }
            else if (c == '{' && dollars > 0)
            {
                int run = Run('{');
                bool hole = quotes == 1 ? run % 2 == 1 : run >= dollars;
                Blank(run);
                if (hole)
                {
                    Code(inHole: true);
                    Blank(quotes == 1 ? 1 : dollars);
                }
            }
            else if (c == '\n' && quotes == 1 && !verbatim)
            {
                return; // not closed: do not eat the rest of the file
            }
            else
            {
                Blank();
            }
        }
    }
}
