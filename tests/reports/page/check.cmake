# Writes pages with WRITE into FOLDER and drives them by page_test.mjs in SOURCE. Skipped where node,
# a browser or playwright-core is missing; an error there if WATTENTION_TEST_EVERYTHING is set.

function(demand what found)
  if(found)
    return()
  endif()
  if(DEFINED ENV{WATTENTION_TEST_EVERYTHING})
    message(FATAL_ERROR "expected ${what}, found none")
  endif()
  message("skipped: ${what} is not installed; scripts/install-dependencies.sh --test installs it")
  set(skipped TRUE PARENT_SCOPE)
endfunction()

find_program(node NAMES node nodejs)
find_program(browser NAMES chromium chromium-browser google-chrome)
set(skipped FALSE)
demand("node" "${node}")
demand("chromium" "${browser}")
if(NOT EXISTS ${SOURCE}/node_modules/playwright-core/package.json)
  demand("playwright-core" "")
endif()
if(skipped)
  return()
endif()

file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})
execute_process(COMMAND ${WRITE} ${FOLDER} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} -E env PAGES=${FOLDER} BROWSER=${browser}
                        ${node} --test ${SOURCE}/page_test.mjs
                COMMAND_ERROR_IS_FATAL ANY)
