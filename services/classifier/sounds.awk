# Unihan_Readings.txt of Debian's unicode-data -> the table of sound_core.h, as C.
# kTGHZ2013 has all readings of the 8,105 characters in general use; kMandarin, which stands
# before it, the likeliest one of the others. awk -f sounds.awk < Unihan_Readings.txt > sounds.c
BEGIN {
    FS = "\t"
    print "#include \"sound_core.h\"\n"
    print "const uint16_t sound_set_of[SOUND_LAST - SOUND_FIRST + 1] = {"
}

# As it is typed: without its tone, lv for the reading of 绿.
function typed(reading) {
    gsub(/̀|́|̄|̌/, "", reading) # over m and ê, which Unicode has not with every tone
    gsub(/ā|á|ǎ|à/, "a", reading)
    gsub(/ē|é|ě|è|ế|ề|ê/, "e", reading)
    gsub(/ī|í|ǐ|ì/, "i", reading)
    gsub(/ō|ó|ǒ|ò/, "o", reading)
    gsub(/ū|ú|ǔ|ù/, "u", reading)
    gsub(/ü|ǖ|ǘ|ǚ|ǜ/, "v", reading)
    gsub(/ḿ/, "m", reading)
    gsub(/ń|ň|ǹ/, "n", reading)
    return reading
}

# As a caller may say it, and another hears it: l for n, z for zh, an for ang, fei for hui.
function heard(syllable) {
    sub(/^zh/, "z", syllable)
    sub(/^ch/, "c", syllable)
    sub(/^sh/, "s", syllable)
    sub(/^n/, "l", syllable)
    sub(/^hong$/, "feng", syllable)
    sub(/^hui$/, "fei", syllable)
    sub(/^hun$/, "fen", syllable)
    sub(/^hu$/, "fu", syllable)
    sub(/^hu/, "f", syllable)
    sub(/ng$/, "n", syllable)
    return syllable
}

# From 1: 0 is no reading.
function number(sound) {
    if (!(sound in numbers))
        numbers[sound] = ++n_numbers
    return numbers[sound]
}

# The readings of one character, each once: lè yuè, or with the dictionary's pages 047.120,212.030:lè 453.020:yuè.
function set(values, n, i, list, known, reading) {
    gsub(/[0-9.,]+:/, "", values)
    n = split(values, readings, /[ ,]/)
    for (i = 1; i <= n; i++) {
        reading = typed(readings[i])
        if (reading !~ /^[a-z]+$/) {
            print "sounds.awk: no syllable: " readings[i] > "/dev/stderr"
            exit failed = 1
        }
        if (index(known, " " reading " "))
            continue
        known = known " " reading " "
        list = list "{" number(reading) ", " number(heard(reading)) "}, "
    }
    return list
}

function flush_character() {
    if (character == "")
        return
    if (!(readings_of in sets)) {
        sets[readings_of] = ++n_sets
        by_number[n_sets] = readings_of
    }
    print "    [" character " - SOUND_FIRST] = " sets[readings_of] ","
    character = ""
}

($2 == "kMandarin" || $2 == "kTGHZ2013") && length($1) == 6 && $1 >= "U+4E00" && $1 <= "U+9FFF" {
    if (character != "0x" substr($1, 3))
        flush_character()
    character = "0x" substr($1, 3)
    readings_of = set($3)
}

END {
    if (failed)
        exit 1
    flush_character()
    if (n_sets < 500) {
        print "sounds.awk: these are not the readings of Unihan" > "/dev/stderr"
        exit 1
    }
    print "};\n\nconst struct sound_reading sound_sets[][SOUND_READINGS_MAX] = {\n    {{0, 0}},"
    for (i = 1; i <= n_sets; i++)
        print "    {" by_number[i] "},"
    print "};"
}
