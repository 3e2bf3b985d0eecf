# cmake -DIN=page.html -DOUT=page.c -DNAME=board_page -P embed.cmake: a file as a C array.
file(READ ${IN} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
string(REGEX REPLACE "('[^']*',('[^']*',)?('[^']*',)?('[^']*',)?('[^']*',)?('[^']*',)?('[^']*',)?('[^']*',)?)" "\\1\n" bytes "${bytes}")
file(WRITE ${OUT} "#include <stddef.h>\nextern const char ${NAME}[];\nextern const size_t ${NAME}_len;\n"
    "const char ${NAME}[] = {\n${bytes}};\nconst size_t ${NAME}_len = sizeof ${NAME};\n")
