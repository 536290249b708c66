"""Charset names, by the Python codec that reads and writes the charset.

The names are those of IANA's registry, of Java 17 and of Python, in lower case and with - for _. If
meanings differ, Java's counts. tests/compatibility/oracle/test_charsets.py compares them with
Java's.

A charset of Java is here only if its codec agrees with Java on ASCII and on letters. Small
differences are left: EBCDIC's second newline (0x15), a dash of Shift_JIS and Big5, the macron of
IBM273. The Ohm sign of three charsets of Apple's differs too, and Hangul outside EUC-KR's table.
Nine letters of GB18030 and 249 of windows-950 are in private use in one of the two. Python reads 74
characters fewer of Big5-HKSCS, and none of EUDC. As in Python, `cp874`, `cp932`, `cp949` and
`cp950` are Microsoft's. In Java these names are IBM's charsets.
"""

NAMES = {
    "ascii": (
        "646 ansi-x3-4-1968 ansi-x3.4-1968 ansi-x3.4-1986 ascii ascii7 cp367 csascii "
        "csiso2intlrefversion default ibm367 irv "
        "iso-646.irv-1991 iso-646.irv:1983 iso-646.irv:1991 iso-ir-2 iso-ir-6 iso646-us us us-ascii"
    ),
    "big5": "big5 big5-tw csbig5 x-mac-trad-chinese",
    "big5hkscs": "big5-hkscs big5hk big5hkscs csbig5hkscs hkscs",
    "cp037": (
        "037 cp037 cpibm37 cs-ebcdic-cp-ca cs-ebcdic-cp-nl cs-ebcdic-cp-us cs-ebcdic-cp-wt "
        "csibm037 ebcdic-cp-ca ebcdic-cp-nl "
        "ebcdic-cp-us ebcdic-cp-wt ibm-037 ibm-37 ibm037 ibm039"
    ),
    "cp1026": "1026 cp1026 csibm1026 ibm-1026 ibm1026",
    "cp1140": (
        "1140 ccsid01140 cp01140 cp1140 csibm01140 ebcdic-us-037+euro ebcdic-us-37+euro "
        "ibm-1140 ibm01140 ibm1140"
    ),
    "cp1250": "1250 cp1250 cp5346 cswindows1250 windows-1250",
    "cp1251": "1251 ansi-1251 cp1251 cp5347 cswindows1251 windows-1251",
    "cp1252": "1252 cp1252 cp5348 cswindows1252 ibm-1252 ibm1252 windows-1252",
    "cp1253": "1253 cp1253 cp5349 cswindows1253 windows-1253",
    "cp1254": "1254 cp1254 cp5350 cswindows1254 windows-1254",
    "cp1255": "1255 cp1255 cswindows1255 windows-1255",
    "cp1256": "1256 cp1256 cswindows1256 windows-1256",
    "cp1257": "1257 cp1257 cp5353 cswindows1257 windows-1257",
    "cp1258": "1258 cp1258 cswindows1258 windows-1258",
    "cp273": "273 cp273 csibm273 ibm-273 ibm273",
    "cp424": "424 cp424 csibm424 ebcdic-cp-he ibm-424 ibm424",
    "cp437": "437 cp437 cspc8codepage437 ibm-437 ibm437 windows-437",
    "cp500": "500 cp500 csibm500 ebcdic-cp-be ebcdic-cp-bh ebcdic-cp-ch ibm-500 ibm500",
    "cp737": "737 cp737 ibm-737 ibm737 x-ibm737",
    "cp775": "775 cp775 cspc775baltic ibm-775 ibm775",
    "cp850": "850 cp850 cspc850multilingual ibm-850 ibm850",
    "cp852": "852 cp852 cspcp852 ibm-852 ibm852",
    "cp855": "855 cp855 csibm855 cspcp855 ibm-855 ibm855",
    "cp856": "856 cp856 ibm-856 ibm856 x-ibm856",
    "cp857": "857 cp857 csibm857 ibm-857 ibm857",
    "cp858": (
        "858 ccsid00858 cp00858 cp858 csibm00858 csibm858 ibm-858 ibm00858 ibm858 "
        "pc-multilingual-850+euro"
    ),
    "cp860": "860 cp860 csibm860 ibm-860 ibm860",
    "cp861": "861 cp-is cp861 csibm861 ibm-861 ibm861",
    "cp862": "862 cp862 csibm862 cspc862latinhebrew ibm-862 ibm862",
    "cp863": "863 cp863 csibm863 ibm-863 ibm863",
    "cp864": "864 cp864 csibm864 ibm-864 ibm864",
    "cp865": "865 cp865 csibm865 ibm-865 ibm865",
    "cp866": "866 cp866 csibm866 ibm-866 ibm866",
    "cp869": "869 cp-gr cp869 csibm869 ibm-869 ibm869",
    "cp874": "cp874 cswindows874 ms-874 ms874 windows-874 x-windows-874",
    "cp875": "875 cp875 ibm-875 ibm875 x-ibm875",
    "cp932": "cp932 cswindows31j ms932 mskanji windows-31j windows-932",
    "cp949": "cp949 ms-949 ms949 uhc windows-949 windows949 x-windows-949",
    "cp950": "cp950 ms950 windows-950 x-windows-950",
    "euc_jp": (
        "cseucpkdfmtjapanese euc-jp eucjis eucjp "
        "extended-unix-code-packed-format-for-japanese u-jis ujis x-euc-jp x-eucjp"
    ),
    "euc_kr": (
        "5601 cseuckr csksc56011987 euc-kr euckr iso-ir-149 korean ks-c-5601 ks-c-5601-1987 "
        "ks-c-5601-1989 ks-x-1001 ksc-5601 "
        "ksc5601 ksc5601-1987 ksx1001 x-mac-korean"
    ),
    "gb18030": "csgb18030 gb18030 gb18030-2000 gb18030-2022",
    "gb2312": (
        "chinese csgb2312 csiso58gb231280 euc-cn euccn eucgb2312-cn gb-2312-80 gb2312 gb2312-1980 "
        "gb2312-80 iso-ir-58 x-euc-cn "
        "x-mac-simp-chinese"
    ),
    "gbk": "936 cp936 csgbk gbk ms-936 ms936 windows-936 x-mswin-936",
    "hp_roman8": "cp1051 cshproman8 hp-roman8 ibm1051 r8 roman8",
    "hz": "hz hz-gb hz-gb-2312 hzgb",
    "iso2022_jp": "csiso2022jp csjisencoding iso-2022-jp iso2022-jp iso2022jp jis jis-encoding",
    "iso2022_jp_2": "csiso2022jp2 iso-2022-jp-2 iso2022-jp-2 iso2022jp-2 iso2022jp2",
    "iso2022_kr": "csiso2022kr iso-2022-kr iso2022-kr iso2022kr",
    "iso8859_10": (
        "csisolatin6 iso-8859-10 iso-8859-10-1992 iso-8859-10:1992 iso-ir-157 iso8859-10 l6 latin6"
    ),
    "iso8859_11": "iso-8859-11 iso-8859-11-2001 iso8859-11 thai x-iso-8859-11",
    "iso8859_13": (
        "8859-13 921 cp921 csiso885913 ibm-921 ibm921 iso-8859-13 iso8859-13 l7 latin7 x-ibm921"
    ),
    "iso8859_14": (
        "csiso885914 iso-8859-14 iso-8859-14-1998 iso-8859-14:1998 iso-celtic "
        "iso-ir-199 iso8859-14 l8 latin8"
    ),
    "iso8859_15": (
        "8859-15 923 cp923 csiso885915 csisolatin0 csisolatin9 ibm-923 ibm923 iso-8859-15 "
        "iso8859-15 iso8859-15-fdis l9 latin-9 "
        "latin0 latin9"
    ),
    "iso8859_16": (
        "csiso885916 iso-8859-16 iso-8859-16-2001 iso-8859-16:2001 iso-ir-226 "
        "iso8859-16 l10 latin10"
    ),
    "iso8859_2": (
        "8859-2 912 cp912 csisolatin2 ibm-912 ibm912 iso-8859-2 iso-8859-2-1987 iso-8859-2:1987 "
        "iso-ir-101 iso8859-2 l2 latin2"
    ),
    "iso8859_3": (
        "8859-3 913 cp913 csisolatin3 ibm-913 ibm913 iso-8859-3 iso-8859-3-1988 iso-8859-3:1988 "
        "iso-ir-109 iso8859-3 l3 latin3"
    ),
    "iso8859_4": (
        "8859-4 914 cp914 csisolatin4 ibm-914 ibm914 iso-8859-4 iso-8859-4-1988 iso-8859-4:1988 "
        "iso-ir-110 iso8859-4 l4 latin4"
    ),
    "iso8859_5": (
        "8859-5 915 cp915 csisolatincyrillic cyrillic ibm-915 ibm915 iso-8859-5 iso-8859-5-1988 "
        "iso-8859-5:1988 iso-ir-144 "
        "iso8859-5"
    ),
    "iso8859_6": (
        "1089 8859-6 arabic asmo-708 cp1089 csiso88596e csiso88596i csisolatinarabic ecma-114 "
        "ibm-1089 ibm1089 iso-8859-6 "
        "iso-8859-6-1987 iso-8859-6-e iso-8859-6-i iso-8859-6:1987 iso-ir-127 iso8859-6"
    ),
    "iso8859_7": (
        "813 8859-7 cp813 csisolatingreek ecma-118 elot-928 greek greek8 ibm-813 ibm813 "
        "iso-8859-7 iso-8859-7-1987 "
        "iso-8859-7:1987 iso-ir-126 iso8859-7 sun-eu-greek"
    ),
    "iso8859_8": (
        "8859-8 916 cp916 csiso88598e csiso88598i csisolatinhebrew hebrew ibm-916 ibm916 "
        "iso-8859-8 iso-8859-8-1988 "
        "iso-8859-8-e iso-8859-8-i iso-8859-8:1988 iso-ir-138 iso8859-8"
    ),
    "iso8859_9": (
        "8859-9 920 cp920 csisolatin5 ibm-920 ibm920 iso-8859-9 iso-8859-9-1989 iso-8859-9:1989 "
        "iso-ir-148 iso8859-9 l5 latin5"
    ),
    "johab": "cp1361 johab ksc5601-1992 ms1361 x-johab",
    "koi8_r": "cskoi8r koi8 koi8-r",
    "koi8_u": "cskoi8u koi8-u",
    "kz1048": "cskz1048 kz-1048 kz1048 rk1048 strk1048-2002",
    "latin_1": (
        "819 8859 8859-1 cp819 csisolatin1 ibm-819 ibm819 iso-8859-1 iso-8859-1-1987 "
        "iso-8859-1:1987 iso-ir-100 iso8859 "
        "iso8859-1 l1 latin latin-1 latin1"
    ),
    "mac_croatian": "mac-croatian maccroatian x-maccroatian",
    "mac_cyrillic": "mac-cyrillic macukraine x-macukraine",
    "mac_greek": "mac-greek macgreek x-macgreek",
    "mac_iceland": "mac-iceland maciceland x-maciceland",
    "mac_latin2": "mac-centeuro mac-latin2 maccentraleurope maclatin2 x-maccentraleurope",
    "mac_roman": "csmacintosh mac mac-roman macintosh macroman x-macroman",
    "mac_turkish": "mac-turkish macturkish x-macturkish",
    "ptcp154": "cp154 csptcp154 cyrillic-asian pt154 ptcp154",
    "shift_jis": "csshiftjis ms-kanji s-jis shift-jis shiftjis sjis x-mac-japanese x-sjis",
    "tis_620": (
        "cstis620 iso-ir-166 tis-620 tis-620-0 tis-620-2529-0 tis-620-2529-1 tis620 tis620.2533"
    ),
    "utf-16": "csutf16 u16 unicode unicodebig utf-16 utf16",
    "utf-16-be": (
        "csunicode csutf16be iso-10646-ucs-2 unicodebigunmarked utf-16-be utf-16be x-utf-16be"
    ),
    "utf-16-le": "csutf16le unicodelittleunmarked utf-16-le utf-16le x-utf-16le",
    "utf-16-le-bom": "unicodelittle x-utf-16le-bom",
    "utf-32": "csutf32 u32 utf-32 utf32",
    "utf-32-be": "csutf32be utf-32-be utf-32be x-utf-32be",
    "utf-32-be-bom": "utf-32be-bom x-utf-32be-bom",
    "utf-32-le": "csutf32le utf-32-le utf-32le x-utf-32le",
    "utf-32-le-bom": "utf-32le-bom x-utf-32le-bom",
    "utf-7": "csunicode11utf7 csutf7 u7 unicode-1-1-utf-7 utf-7 utf7",
    "utf-8": "cp65001 csutf8 u8 unicode-1-1-utf-8 utf utf-8 utf8 utf8-ucs2 utf8-ucs4",
}
