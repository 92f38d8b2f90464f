# Writes the manual page of the command from what it says of itself:
#
#     cmake -DCOMMAND=build/release/wattention -DVERSION=0.2.0 -DOUTPUT=wattention.1 -P man_page.cmake

cmake_minimum_required(VERSION 3.25)

function(help_of text)
  execute_process(COMMAND ${COMMAND} ${ARGN} --help OUTPUT_VARIABLE help COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE "${COMMAND}" "wattention" help "${help}")
  string(REPLACE "\\" "\\e" help "${help}")
  string(REPLACE "-" "\\-" help "${help}")
  string(REGEX REPLACE "(^|\n)([.'])" "\\1\\\\&\\2" help "${help}")
  set(${text} "${help}" PARENT_SCOPE)
endfunction()

set(page ".TH WATTENTION 1 \"\" \"wattention ${VERSION}\" \"User commands\"
.SH NAME
wattention \\- energy and error of attentions, by executing them and counting every operation
")
help_of(help)
string(APPEND page ".SH DESCRIPTION\n.nf\n${help}.fi\n")
string(REGEX REPLACE "^.*Subcommands:\n" "" subcommands "${help}")
string(REGEX MATCHALL "(^|\n)  [a-z\\-]+  " subcommands "${subcommands}")
if(NOT subcommands)
  message(FATAL_ERROR "${COMMAND}: expected subcommands in its help, found none")
endif()
foreach(command IN LISTS subcommands)
  string(REPLACE "\\-" "-" command "${command}")
  string(STRIP "${command}" command)
  help_of(help ${command})
  string(TOUPPER ${command} title)
  string(REPLACE "-" "\\-" title "${title}")
  string(APPEND page ".SH \"${title}\"\n.nf\n${help}.fi\n")
endforeach()
file(WRITE ${OUTPUT} "${page}")
